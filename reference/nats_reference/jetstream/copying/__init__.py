"""Streams that take their messages from other streams of the account: mirrors and sources.

JS-MIRROR-001 .. JS-MIRROR-014. `selecting` says what of an origin is taken and under which subject,
`feed` brings it from one stream to another, `copies` knows who takes from whom.
"""

"""Looks at live data, read-only: the invariants over what a server holds.

`client` is one plain connection, fast enough for millions of messages; `reading` gives a
stream's log; `stream` puts it before the invariants. Nothing is left behind: no consumer, no
subscription but the inbox of the connection.
"""

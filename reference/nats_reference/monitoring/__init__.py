"""What operators ask over HTTP: a module for each kind of question, a table of paths in endpoints.py.

It answers like nats-server, member by member; what differs, and why, is differences.toml.
"""

"""The reference server: the specification's chapters as a small, fast, readable NATS server.

It shares the grammars of `nats_spec` and nothing with the conformance runner.
Start reading at `connection.py`.
"""

"""Schemathesis against the monitoring port: what the OpenAPI document says is what is answered."""

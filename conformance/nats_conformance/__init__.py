"""The conformance runner: grades any NATS server against the specification."""

"""The semantics of NATS as small pure models."""

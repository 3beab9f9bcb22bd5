"""The protocol specification of NATS: grammars, schemas, requirements and models."""

"""The configuration file: the one that starts nats-server starts the reference too."""

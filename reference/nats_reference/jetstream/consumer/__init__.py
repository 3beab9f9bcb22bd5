"""Consumers: who has read how far in a stream, and what is to be delivered next."""

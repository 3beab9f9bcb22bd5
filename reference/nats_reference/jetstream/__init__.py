"""JetStream: streams that keep what is published, and the API that manages them."""

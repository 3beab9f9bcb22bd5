"""What operators ask over HTTP, as far as the core chapters need it."""

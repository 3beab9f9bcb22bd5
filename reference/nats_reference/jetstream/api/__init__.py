"""JetStream's API: requests on `$JS.API.>`, answered in JSON."""

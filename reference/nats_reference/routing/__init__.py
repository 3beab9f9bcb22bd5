"""Who hears what: the index of subscriptions, the routes found in it, and delivery."""

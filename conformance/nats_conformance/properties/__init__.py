"""Properties: generated conversations, judged by the models and shrunk to the shortest that fails."""

"""Renderers of the one results model."""

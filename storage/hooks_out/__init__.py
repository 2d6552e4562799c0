"""Queries on webhooks that we send."""

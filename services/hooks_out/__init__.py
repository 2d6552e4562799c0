"""Webhooks that we send: subscriptions of an organization, and their delivery."""

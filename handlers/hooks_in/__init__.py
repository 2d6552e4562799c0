"""Conversations of admins about hooks of our own: /forms."""

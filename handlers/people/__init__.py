"""Conversations about people: lists, rights, links, organizations, one's own settings."""

"""Conversations about who did what, and about personal data."""

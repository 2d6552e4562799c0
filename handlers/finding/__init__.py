"""Conversations on finding leads: words, filters, views, and many leads at once."""

"""Purchases: sources read by time and by webhook, each purchase once, what is unreadable, the log."""

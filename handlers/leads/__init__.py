"""Leads: sending, the card and everything behind its buttons."""

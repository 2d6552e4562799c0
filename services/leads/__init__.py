"""Leads and what belongs to them."""

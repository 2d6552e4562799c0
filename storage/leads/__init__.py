"""Queries on leads and what belongs to them."""

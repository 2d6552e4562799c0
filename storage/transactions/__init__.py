"""Queries on purchases and bonuses."""

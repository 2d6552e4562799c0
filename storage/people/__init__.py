"""Queries on organizations, their people, and what is told to them."""

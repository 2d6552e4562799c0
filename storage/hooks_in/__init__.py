"""Queries on hooks, and on what has come to them."""

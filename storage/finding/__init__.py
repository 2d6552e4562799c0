"""Queries that find leads."""

"""Queries on activities."""

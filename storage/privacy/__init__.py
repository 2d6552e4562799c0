"""Queries on personal data and on the record of actions."""

"""Queries on who may enter the API."""

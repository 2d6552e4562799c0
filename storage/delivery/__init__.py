"""Queries on what goes to CRMs and comes from them."""

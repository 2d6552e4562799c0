"""Conversations about what becomes what in a CRM."""

"""Conversations about what is to be done and when."""

"""A whole database as files, and back."""

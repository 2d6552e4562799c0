"""Hooks of our own that others call: website forms, messenger links, Make.com, any other system."""

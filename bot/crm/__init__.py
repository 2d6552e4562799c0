"""`python -m bot crm`."""

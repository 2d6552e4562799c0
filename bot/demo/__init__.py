"""`python -m bot demo`."""

"""Conversations about who gets leads: rules, handing over, being away, answer times."""

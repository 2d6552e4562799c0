"""Connections of organizations with CRMs: made, tested, kept, signed in, subscribed."""

"""Conversations about connections with CRMs."""

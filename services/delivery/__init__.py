"""Writes owed to CRMs: queued, carried out, settled, shown; and what CRMs tell us."""

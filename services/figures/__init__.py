"""Figures: what was done over a period, and the daily digest of it."""

"""Purchases and bonuses in chat."""

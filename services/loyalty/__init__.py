"""Bonuses: rules, what purchases earn, balances, what is spent and what runs out."""

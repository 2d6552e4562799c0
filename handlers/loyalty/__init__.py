"""Bonuses in chat: the rules, what people have and why, spending."""

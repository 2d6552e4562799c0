"""Pipelines: setting them up, their stages and what those ask for, and the board that shows them."""

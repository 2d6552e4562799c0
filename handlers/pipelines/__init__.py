"""Conversations about pipelines: setting them and their stages up, the board, moving a lead."""

"""A table dropped into the chat: its card, its columns, how it goes, and what was not taken."""

"""Who gets leads, and what happens when nobody answers."""

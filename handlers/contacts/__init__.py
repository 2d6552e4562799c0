"""The people behind leads, and customers."""

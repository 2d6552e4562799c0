"""Leads out of tables: reading a file, saying what it would bring, bringing it in, and taking it back."""

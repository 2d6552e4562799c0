"""Leads into tables: what a column holds, and files written row by row to the disk."""

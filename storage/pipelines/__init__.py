"""Queries on pipelines: stages, boards, the clocks and the sharing out of leads."""

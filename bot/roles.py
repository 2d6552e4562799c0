"""The roles of the program."""

ROLES = ("bot", "web", "worker", "scheduler")
"""What somebody must do, all in one process or each in several."""

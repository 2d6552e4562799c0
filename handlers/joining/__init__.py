"""The way in: registration, invites, approval."""

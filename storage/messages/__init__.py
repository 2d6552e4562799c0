"""Queries on what comes from people and goes to them: updates, notices, e-mails."""

"""The record of actions: chained, verified, looked into."""

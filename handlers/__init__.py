"""Conversations in Telegram: one file a conversation, plain functions, routes() in each."""

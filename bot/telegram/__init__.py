"""The part that talks to Telegram."""

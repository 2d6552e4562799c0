"""Message templates in the chat: making them, and sending them filled in."""

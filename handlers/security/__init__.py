"""The second factor in the chat: turning it on, and asking for a code before what cannot be taken back."""

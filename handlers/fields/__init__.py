"""An organization's own fields in the chat: setting them up, and filling them in on leads."""

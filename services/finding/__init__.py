"""Finding leads, views of their list, and changing many of them at once."""

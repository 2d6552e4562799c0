"""What is sent to people: pushes, letters, texts from templates."""

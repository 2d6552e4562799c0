"""What a process tells of itself: logs, figures, errors."""

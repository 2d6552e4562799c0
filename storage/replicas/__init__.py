"""What processes share: locks, wake-ups, counts of how much may go."""

"""What an operator runs: doctor, copies, the record of actions, keys."""

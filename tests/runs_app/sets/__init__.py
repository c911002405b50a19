"""Run sets: what is queued together, chains, and the clock."""

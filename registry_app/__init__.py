"""What is known about experiments: who they are for, where they stand, how they start."""

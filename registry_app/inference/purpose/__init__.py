"""What a script is for: its type, and how it is started for that."""

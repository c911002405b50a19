"""What a script is for, and which script is the default of its type."""

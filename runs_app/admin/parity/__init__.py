"""The page that compares a script with the trainer that replaces it."""

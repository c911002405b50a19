"""The history: versions of rows, and change sets, with user and time."""

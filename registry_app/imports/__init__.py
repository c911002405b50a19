"""Uploaded registry files and sheets: held, planned, previewed, applied as they were shown."""

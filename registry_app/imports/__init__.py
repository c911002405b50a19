"""Uploaded registry files and sheets: stored, planned, previewed, applied as shown."""

"""Readers of files that grow by rows: a result counts as soon as its row is complete."""

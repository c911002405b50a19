"""Readers of JSON: whole documents, and files with an object in each line."""

"""Paths, text files and folders of experiments, read without executing anything."""

"""Argument templates and parameters of scripts: their syntax, and their errors."""

"""Shared code of the run commands: the terminal, descriptions, exit statuses, finding a run."""

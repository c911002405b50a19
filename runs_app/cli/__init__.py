"""What the commands of runs share: the terminal, descriptions, exit statuses, finding a run."""

"""The outputs of a script in its directory: changed files, their copies, and their metrics."""

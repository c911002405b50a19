"""The source of a run: an archive of its scripts, and the difference to its commit."""

"""The source of a run: an archive of its scripts, and the diff to its commit."""

"""A data directory and a database of an earlier version are taken over by this one."""

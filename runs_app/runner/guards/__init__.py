"""Guards of the supervisor, imported by path: the standard library alone, Python 3.8 and newer."""

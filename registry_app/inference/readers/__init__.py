"""One reader for each library of command lines."""

"""Parameters of a script, independent of the library that reads its command line."""

"""Parameters of a script, whichever library reads its command line."""

"""`make demo`: the whole pipeline on a sample tree, in a data directory of its own."""

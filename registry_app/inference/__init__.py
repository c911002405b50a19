"""Guesses about a directory of scripts: small pure rules from names, text and syntax trees.

Nothing here opens a file, imports or runs anything that belongs to an experiment.
"""

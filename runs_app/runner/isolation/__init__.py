"""Isolation of scripts: the fence around them, and the programs that start them behind it.

These files are loaded by path, by processes that do not import the portal: the supervisor, and
queries to interpreters. They import only the standard library and run on Python 3.8.
"""

"""What a script is kept away from, and what starts it so.

These files are loaded by path, by processes that know nothing of the portal: the supervisor, and
whoever asks an interpreter. They import the standard library alone and run on Python 3.8.
"""

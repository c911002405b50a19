"""Checks before a start: directory, script, interpreter, modules, GPUs, free disk space.

Each check raises RunnerError with the fix, or returns a warning; none changes anything.
"""

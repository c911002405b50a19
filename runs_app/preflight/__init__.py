"""Checks before a start: directory, script, interpreter, modules, GPUs, free disk space.

Each check raises RunnerError with the fix, or returns warnings; none changes anything.
"""

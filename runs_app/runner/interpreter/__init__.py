"""Queries to the interpreter of an experiment, by small child scripts that run on old Pythons."""

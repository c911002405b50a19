"""Locks, files and processes of this machine, for every other package of the app.

What knows a run or an experiment does not belong here.
"""

"""Locks, files and processes of this machine, for every other package of the app.

Code that knows runs or experiments does not belong here.
"""

"""Pages of runs: the form, the run, its files and its log.

Thin: each view reads the request, calls one function of another package and renders.
"""

"""Parity: whether a trainer trains like the script that it replaces.

`rule` decides from measured values alone; `metrics` says which of them count. `sides` and `plan`
turn an experiment into the runs of a comparison, `start` stores it, and `advance` queues its next
runs until the rule has decided. `holds` says whether a decision still is about today's files, and
`stage` whether that makes stage 4.
"""

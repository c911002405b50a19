"""Carry runs out: submit, observe, cancel.

`local` starts a detached supervisor on this machine; `outcome` turns what a run folder shows into
a state, and `notices` into sentences for people.
"""

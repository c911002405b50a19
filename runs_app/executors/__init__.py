"""Carry runs out, and report how they ended.

`base` is the interface between runs and their executor; `chosen` is the only module that knows
which executor is used, and `local` starts supervisors on this machine. What a run left is read from
its folder, whatever the executor: `outcome` turns it into a state, `notices` into messages for
users. `fencing`, `isolation` and `script_user` isolate scripts.
"""

"""The standard interface of trainers, and drafts of adapters to it.

- `adapter`: drafts an adapter, and puts it where an engineer takes it from
- `draft`, `lifting`: what an adapter does and says, and the lines of a main guard in it
- `core`: trainers of the core repository as what a run starts
- `confirmed`: which trainers an engineer must read before they are started
- `record`: what a trainer left in the folder of its run
- `gf_base`: the base classes, one file that is copied next to a trainer; the portal never imports
  it into a process of its own
"""

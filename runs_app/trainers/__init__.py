"""The standard interface of trainers, and drafts of adapters to it.

- `gf_base`: the base classes, one file that is copied next to a trainer; the portal never imports
  it into a process of its own
"""

"""Every sentence of the registry that is stored, raised or shown in another language: one table.

- `reasons`: why the scan believes a value
- `remarks`: what the scan could not read
- `left_out`: why a child of a root is no experiment
- `templates`: why an argument template is refused
- `interpreters`: why an entry point must not name an interpreter
- `variables`: why an entry point must not set a variable
- `changes`: what a change set is about, and why a change or a scan could not be made
- `spans`: why a value cannot be replaced in place
- `starts`: why there is no such way to start a script
- `core_sync`: why a sync with the core repository could not be done, and what waits
- `sync`: what a sync with the registry file did, and could not do
- `problems`: what is wrong in a registry file
- `sheets`: what was read or skipped in a sheet
- `cells`: what is wrong in a sheet or in one of its cells
- `core`: what is wrong in a core repository
- `vocabulary`: what is wrong with a word of the vocabulary
- `paths`: why a path is not allowed for an experiment or a script
- `disks`: a full disk

A text may be reworded freely, because only its code and the names of its values are stored.
Nothing here imports Django. See `registry_app.messages`.
"""

from registry_app.texts import (
    cells,
    changes,
    core,
    core_sync,
    disks,
    interpreters,
    left_out,
    paths,
    problems,
    reasons,
    remarks,
    sheets,
    spans,
    starts,
    sync,
    templates,
    variables,
    vocabulary,
)

__all__ = [
    "cells",
    "changes",
    "core",
    "core_sync",
    "disks",
    "interpreters",
    "left_out",
    "paths",
    "problems",
    "reasons",
    "remarks",
    "sheets",
    "spans",
    "starts",
    "sync",
    "templates",
    "variables",
    "vocabulary",
]

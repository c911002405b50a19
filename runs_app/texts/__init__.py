"""Every message about runs that is stored, raised or shown in another language: one table.

- `reasons`: why a run is in its state
- `remarks`: what users should know about a run besides its state
- `results`: what was done with its results, and why none were collected
- `command`: what is wrong with the values or the template of a command
- `interpreter`: what is wrong with the interpreter of a script, or what it did not answer
- `refusals`: why a run is refused before it starts, and what may be missing
- `drafts`: why no adapter is drafted, or where a drafted one cannot go
- `files`: why a file was not saved
- `inputs`: why an input has no hash
- `folders`: what went wrong with a run folder or its supervisor
- `trainers`: why a trainer of the core repository is not started
- `requests`: what is wrong with a request: an unknown name, a form, a run that has ended
- `tracking`: why MLflow does not have a run yet
- `causes`: why a run failed, and what speaks against one that ended with exit status 0
- `outcomes`: how it ended and where its results went; launchers before a start
- `promotion`: why a promotion is refused or waits, and whether it still holds
- `stages`: what proves the migration stages, and what is missing
- `parity`: why a comparison of an old and a new side ended as it did
- `schedules`: why a schedule started nothing, and what it started
- `set_files`: what is wrong with a file of a scenario or a pipeline
- `sets`: why run sets and their steps are refused
- `people`: who did something if it was not a user; durations

Texts may be reworded freely: only their codes and the names of their values are stored. Nothing
here knows Django. See `registry_app.messages`.
"""

from runs_app.texts import (
    causes,
    command,
    drafts,
    files,
    folders,
    inputs,
    interpreter,
    outcomes,
    parity,
    people,
    promotion,
    reasons,
    refusals,
    remarks,
    requests,
    results,
    schedules,
    set_files,
    sets,
    stages,
    tracking,
    trainers,
)

__all__ = [
    "causes",
    "command",
    "drafts",
    "files",
    "folders",
    "inputs",
    "interpreter",
    "outcomes",
    "parity",
    "people",
    "promotion",
    "reasons",
    "refusals",
    "remarks",
    "requests",
    "results",
    "schedules",
    "set_files",
    "sets",
    "stages",
    "tracking",
    "trainers",
]

"""Runs of experiments: queue, launch, supervise, finish, and what MLflow is told.

The packages in reading order, each of which imports only those below it:

- `admin`, `management`, `views`, `worker`, `cli`: pages, commands and processes; thin
- `lifecycle`: submit, launch, finish, collect, cancel, reconcile, due, retention
- `preflight`: checks before a start
- `tracking`: everything that talks to MLflow
- `records`: what a run leaves
- `queue`: who starts where
- `executors`: carry runs out
- `models`: rows; the Run table is the queue
- `runner`: the part that knows neither Django nor MLflow, the supervisor among it
- `system`: locks, files and processes

`generic_runner` and `tasks` stay here: their dotted names are used by scripts and in queued
messages.
"""

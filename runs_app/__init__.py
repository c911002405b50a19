"""Runs of experiments: queue, launch, supervise, finish, log to MLflow.

The packages in reading order, each of which imports only those below it:

- `admin`, `management`, `views`, `worker`, `cli`: pages, commands and processes; thin
- `parity`: whether a trainer trains like the script that it replaces
- `sets`: run sets: batches, grids of values, chains and scenarios; what moves them on
- `lifecycle`: submit, launch, finish, collect, cancel, reconcile, due, retention
- `promotion`: models for all, and their place in the core repository
- `preflight`: checks before a start
- `tracking`: everything that talks to MLflow
- `overview`: where many experiments stand, for the home page and for places
- `comparing`: what makes runs comparable, and the best of them
- `stages`: what proves the migration stages of experiments, and what is missing
- `trainers`: the standard interface of trainers, and adapters to it
- `records`: what a run leaves
- `queue`: which run starts on which host, with which GPUs
- `executors`: carry runs out
- `models`: rows; the Run table is the queue
- `runner`: the part that knows neither Django nor MLflow, the supervisor among it
- `system`: locks, files and processes
- `texts`: every sentence about runs that is stored, raised or read in another language

`generic_runner` and `tasks` stay here: their dotted names are used by scripts and in queued
messages.
"""

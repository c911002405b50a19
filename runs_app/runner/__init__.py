"""The part of a run that uses neither Django nor MLflow: folders, processes, files, metrics.

- `supervisor`: starts one script and records how it ended; run by path, standard library only
- `guards`: what it watches for: a log that its script empties, another portal in its directory
- `folder`, `folder_records`: the run folder, and the JSON files in it
- `process`, `machine`: supervisors and their processes, the host
- `command`: builds argv from a template and values
- `outputs`: changed files and metrics
- `source`: archive and diff of the scripts
- `interpreter`: queries to a Python interpreter
"""

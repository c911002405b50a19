"""The part of a run that knows neither Django nor MLflow: folders, processes, files, numbers.

- `supervisor`: starts one script and records how it ended; run by path, standard library alone
- `folder`, `process`, `machine`: the run folder, supervisors and their processes, the host
- `command`: from a template and values to argv
- `outputs`: changed files and metrics
- `source`: archive and difference of the scripts
- `interpreter`: questions to a Python
"""

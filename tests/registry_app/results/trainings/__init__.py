"""Real trainings of a few seconds, each by the framework that its file is named after.

They run in an environment of their own (FRAMEWORKS_PYTHON) and in a folder of their own. What the
framework says of its numbers inside the process goes to truth.json: for each source (a file's name,
or `log`) names, and values by step. `mlflow` and the portal are not imported.
"""

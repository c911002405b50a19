"""The core repository: a git repository with the registry file and an MLflow project.

- `skeleton`: the files of a new one, whose texts are in the folder `new_repository`
- `check`: everything that is wrong in one, with files and lines; needs no database
- `export`: an MLproject kept true, in place
- `entry_points`: what an MLproject should say
- `mlproject`: what MLflow would refuse in an MLproject, and what would leave a run open
- `run_command`: the command of an entry point that calls `guardianflow run`
"""

"""What is known about experiments: who they are for, what they do, how they start.

The packages in reading order, each of which imports only those below it:

- `admin`, `management`, `resources`: pages, commands and spreadsheets; thin
- `findings`: what a scan found, stored and compared with what users decided
- `scan`: reading directories in processes of their own
- `changes`: plan, apply, undo, proposals: every write to the registry
- `inference`: guesses from names, text and syntax trees
- `fields`: what can be curated; completeness and provenance
- `document`: the registry file
- `schema`: every field, defined once
- `files`: paths and text files of experiments
- `arguments`: argument templates and parameters
- `models`: rows
- `results`: readers of numbers in result files and logs, for scans and runs

`kinds` defines the entry-point types, `words` and `choices` the other enumerations. Nothing here
knows of runs.
"""

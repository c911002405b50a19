"""What is known about experiments: who they are for, what they do, how they start.

The packages in reading order, each of which imports only those below it:

- `admin`, `management`, `resources`: pages, commands and spreadsheets; thin
- `findings`: what a scan found, stored and compared with what people decided
- `scan`: reading directories in processes of their own
- `changes`: plan, apply, undo, proposals: every write to the registry
- `inference`: guesses from names, text and syntax trees
- `fields`: what can be curated; completeness and provenance
- `document`: the registry file
- `files`: paths and text files of experiments
- `arguments`: argument templates and parameters
- `models`: rows

Nothing here knows of runs.
"""

"""Readers of results: numbers that a script wrote to its files and its log.

A scan uses them to read past runs, a run to read its own outputs. A reader is fed bytes as they
arrive and yields rows: named values, and the step that they belong to. Nothing here opens a file
or depends on Django or MLflow.

- `choosing`: which reader takes a file, by its name and content
- `reading`: a whole file as series of points
- `curves`: long series thinned in bounded memory
- `rows`: the rows that a reader yields
- `tables`, `documents`, `logs`: the readers themselves
- `words`, `numbers`, `lines`: the words of metrics and axes, cells, lines of bytes
"""

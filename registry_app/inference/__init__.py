"""Guesses about a directory of scripts: small pure rules from names, text and syntax trees.

Nothing here opens a file, imports or runs anything that belongs to an experiment. `draft` asks
all of them; the packages in reading order:

- `purpose`: what a script is for, and the default of each type
- `readers`: one for each library of command lines
- `argparse_trace`: parsers followed through calls and modules
- `site`, `task`, `environment`: names of places, the task and its classes, frameworks
- `parameters`: what every reader shares
- `code`: sources as syntax trees
"""

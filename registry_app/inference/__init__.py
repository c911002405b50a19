"""Guesses about a directory of scripts: small pure rules from names, text and syntax trees.

Nothing here opens a file, or imports or runs any code of an experiment. `draft` applies all
rules; the packages in reading order:

- `purpose`: what a script is for
- `choice`: the default script of each type
- `readers`: one for each library of command lines
- `argparse_trace`: parsers followed through calls and modules
- `site`, `task`, `environment`: place names, the task and its classes, frameworks
- `parameters`: shared by all readers
- `code`: sources as syntax trees
"""

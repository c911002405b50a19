"""Every field of an experiment and its entry points, defined once.

- `table`: the rows
- `fields`: the type of a row, and the check that each column has one matching row
"""

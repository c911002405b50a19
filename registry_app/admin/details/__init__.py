"""Read-only pages: what is known of an experiment, a customer, a site, a zone.

- `pages`: the URL, who is redirected there, and the frame
- `facts`: the values of a row, each with its origin
- `experiment`: what the registry says of one experiment
- `events`, `timeline`: what happened to a row, newest first
"""

"""What runs add to the pages of experiments and places.

- `commands`: what can be run, and how exactly
- `events`: runs in the timeline of an experiment
"""

"""The home page: a strip for the viewer, and the matrix of places and tasks, the same for all.

- `page`: the context of the page, by permission
- `strips`: what a manager, a PM and an engineer look for first
- `visits`: since when a user has not been here
"""

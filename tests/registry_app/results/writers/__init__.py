"""What real writers leave, made by hand as small files, with the points that are in them.

`loops`, `frameworks`, `other_logs`: logs. `tables`, `documents`, `events`: files.
"""

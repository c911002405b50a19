"""A full disk, and what to do about it."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

DATABASE_DISK_FULL = TEXTS.add("database_disk_full", _("The disk of the database server is full."))
DISK_FULL = TEXTS.add("portal_disk_full", _("The disk is full: {free} MiB are free for {path}."))
NO_MORE_FILES = TEXTS.add(
    "portal_disk_holds_no_more_files",
    _("The disk of {path} is full: it can hold {count} files, and no more."),
)
REMOVE_FILES = TEXTS.add("remove_files", _("Remove some files there, then try again."))
FREE_SPACE = TEXTS.add("make_room", _("Free some space there, then try again."))
# Several sentences, one after the other.
IN_A_ROW = TEXTS.add("in_a_row", "{first} {second}")

"""What went wrong with a run folder or with the start of its supervisor."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

FOLDER_NOT_WRITTEN = TEXTS.add("folder_not_written", _("The run folder cannot be written: {error}"))
STOP_NOT_WRITTEN = TEXTS.add(
    "stop_not_written", _("The request to stop cannot be written: {error}")
)
FILE_NOT_THERE = TEXTS.add("file_not_there", _("{path} does not exist."))
FILE_NOT_READ = TEXTS.add("file_not_read", _("{path} cannot be read: {error}"))
FILE_OF_OTHER_VERSION = TEXTS.add(
    "file_of_other_version",
    _("{path} was written by another version of the portal; upgrade this one."),
)
FILE_NOT_WHOLE = TEXTS.add(
    "file_not_whole", _("{path} lacks something or holds the wrong kind: {error}")
)
SUPERVISOR_NOT_STARTED = TEXTS.add(
    "supervisor_not_started", _("The supervisor could not be started: {error}")
)
SUPERVISOR_ENDED = TEXTS.add(
    "supervisor_ended", _("The supervisor ended with exit status {status}; see {log}.")
)

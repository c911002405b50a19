"""Why a trainer of the core repository is not started."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_CORE_REPOSITORY = TEXTS.add(
    "no_core_repository",
    _(
        "{script} is in the core repository, and none is set. Set GUARDIANFLOW_CORE_URL, or name a "
        "script of the directory."
    ),
)
NOT_IN_CORE = TEXTS.add(
    "not_in_core",
    _(
        "The core repository has no trainer {path} on branch {branch}, as of the last sync. Merge "
        "it there and sync, or name another script."
    ),
)
TRAINER_OF_ANOTHER = TEXTS.add(
    "trainer_of_another",
    _(
        "{path} is the trainer of {other}, not of {experiment}. Name the trainer of this "
        "experiment, or correct its line “experiment = …”."
    ),
)
COPY_GONE = TEXTS.add(
    "trainer_copy_gone",
    _("The portal's copy of the trainer, {path}, is gone. Sync the core repository and run again."),
)
COPY_CHANGED = TEXTS.add(
    "trainer_copy_changed",
    _(
        "The portal's copy of the trainer, {path}, is no longer what was confirmed. Sync the core "
        "repository and run again."
    ),
)
UNREAD = TEXTS.add(
    "trainer_unread",
    _("No engineer has confirmed the present content of {path}, which comes from git."),
)
CHANGED_SINCE_READ = TEXTS.add(
    "trainer_changed_since_read",
    _("{path} was changed since the file that names it was read. Queue that file once more."),
)

"""Why a file that a run made was not saved."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

PATH_TOO_LONG = TEXTS.add("path_too_long", _("its path is too long for the run folder"))
OTHER_KIND = TEXTS.add("other_kind", _("not one of the kinds of files that are saved"))
STILL_WRITTEN = TEXTS.add("still_written", _("it was still being written"))
OVER_LIMIT = TEXTS.add("over_limit", _("the files of one run are saved up to {limit} MiB"))
JUNK = TEXTS.add("junk", _("caches, environments and leftovers are not saved"))
DATA_RUN = TEXTS.add(
    "data_run", _("of a run that prepares data, tables, settings and logs are saved")
)
CROWDED = TEXTS.add(
    "crowded",
    _(
        "new files of a folder without weights are not copied if they are more than 2,000 or take "
        "more than 1 GiB: {count} here"
    ),
)
CROWDED_TOGETHER = TEXTS.add(
    "crowded_together",
    _(
        "new files of folders without weights whose names differ in numbers only are not copied if "
        "together they are more than 2,000, or more than 100 that take more than 1 GiB: {count} in "
        "{folders} folders here"
    ),
)
CHANGED_SINCE = TEXTS.add(
    "changed_after_end", _("it was changed after the run had ended, before it could be copied")
)
COPY_DAMAGED = TEXTS.add("copy_damaged", _("its copy in the run folder is corrupt"))
REMOVED = TEXTS.add("removed", _("removed with the run folder; MLflow has it"))

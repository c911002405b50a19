"""Files of a run folder that the portal itself wrote for people: what there is, and its name."""

from __future__ import annotations

from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs_app import environment_record, file_list, launch_record, source_record
from runs_app.runner.source.archive import ARCHIVE

LABELS: dict[str, str | Promise] = {
    file_list.NAME: _("list of files"),
    ARCHIVE: _("source code"),
    source_record.PATCH: _("difference from the commit"),
    source_record.NAME: _("hashes of the source"),
    environment_record.NAME: _("packages"),
    launch_record.NAME: _("environment and machine"),
}


def kept_records(folder: Path) -> list[tuple[str, str]]:
    """Return name and label of the records that are there."""
    return [(name, str(label)) for name, label in LABELS.items() if (folder / name).is_file()]

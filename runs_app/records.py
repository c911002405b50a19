"""Files of a run folder that the portal itself wrote for people: what there is, and its name."""

from __future__ import annotations

from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs_app import file_list
from runs_app.runner.source_archive import ARCHIVE

LABELS: dict[str, str | Promise] = {
    file_list.NAME: _("list of files"),
    ARCHIVE: _("source code"),
}


def kept_records(folder: Path) -> list[tuple[str, str]]:
    """Return name and label of the records that are there."""
    return [(name, str(label)) for name, label in LABELS.items() if (folder / name).is_file()]

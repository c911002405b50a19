"""Files of a run folder that the portal wrote for users: which exist, and their labels."""

from __future__ import annotations

from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs_app.records import environment, files, launch, results, source
from runs_app.runner.source.archive import ARCHIVE

LABELS: dict[str, str | Promise] = {
    files.NAME: _("list of files"),
    ARCHIVE: _("source code"),
    source.PATCH: _("difference from the commit"),
    source.NAME: _("hashes of the source"),
    environment.NAME: _("packages"),
    launch.NAME: _("environment and machine"),
    results.NAME: _("examined sources of results"),
}


def kept_records(folder: Path) -> list[tuple[str, str]]:
    """Return name and label of the records that exist."""
    return [(name, str(label)) for name, label in LABELS.items() if (folder / name).is_file()]

"""`doctor` on the core repository: git, the credentials, and what scripts could do to them."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from portal.doctor.line import Line, bad, good, warn
from registry_app.reading import error_text
from registry_app.sync.chosen import chosen_place, is_core, place_name
from registry_app.sync.errors import SyncError
from registry_app.sync.git.place import check_git
from runs_app.executors.fencing import open_core_paths

AREA = "core"


def remote() -> Iterator[Line]:
    """Report what a sync needs on this machine; the remote itself is not reached for."""
    if not is_core():
        return
    problems = 0
    for check, fix in (
        (check_git, _("Without it, `guardianflow sync` changes nothing and edits wait.")),
        (chosen_place, _("Correct GUARDIANFLOW_CORE_CREDENTIALS_FILE.")),
    ):
        try:
            check()
        except SyncError as error:
            problems += 1
            yield bad(AREA, error_text(error), fix)
    for path in open_core_paths():
        problems += 1
        yield _open(path)
    if not problems:
        yield good(AREA, _("{file} is synced").format(file=place_name()))


def _open(path: str) -> Line:
    return warn(
        AREA,
        _("Scripts can reach {path}: it is where they must be able to create files.").format(
            path=path
        ),
        _("Move it into {home}, and correct the setting.").format(home=settings.GUARDIANFLOW_HOME),
    )

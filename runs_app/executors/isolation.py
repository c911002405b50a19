"""What isolated a script: as its supervisor recorded it, and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from runs_app.executors import notices
from runs_app.models import Run
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import RunFolder
from runs_app.runner.isolation.fence import NO_LANDLOCK, OFF, OLDEST_LEVEL, OPEN_FOLDER
from runs_app.runner.outputs.fence_trouble import TAIL_BYTES, Trouble, find_refusal
from runs_app.texts import remarks

_REMARKS = {
    Trouble.CLOSED: remarks.FENCE_CLOSED,
    Trouble.FROZEN: remarks.FENCE_FROZEN,
    Trouble.STRICT: remarks.FENCE_STRICT,
    Trouble.PRIVILEGES: remarks.FENCE_PRIVILEGES,
}


def isolation_of(folder: RunFolder) -> dict[str, Any]:
    """Return the isolation that was active for the script of a folder; {} if unknown.

    `run_as` is its user and `by` the helper that changed to that user, '' for the portal's own;
    `fence` is portal, strict or off, and `abi` the Landlock ABI version. If a requested fence is
    missing, `reason` says why.
    """
    try:
        started = folder.started()
    except FolderError:
        return {}
    return {"run_as": "", "by": "", **started.isolation} if started and started.isolation else {}


def isolation_text(isolation: Mapping[str, Any]) -> str:
    """Return what isolates scripts as one phrase; '' if unknown."""
    if not isolation:
        return ""
    return " · ".join(filter(None, [_user_text(isolation), _fence_text(isolation)]))


def is_unfenced(isolation: Mapping[str, Any]) -> bool:
    """Return whether a requested fence is missing."""
    return bool(isolation.get("reason"))


def _user_text(isolation: Mapping[str, Any]) -> str:
    if not isolation.get("run_as"):
        return _("the portal's own user")
    return _("user {user}, by {way}").format(user=isolation["run_as"], way=isolation.get("by"))


def _fence_text(isolation: Mapping[str, Any]) -> str:
    if isolation.get("fence", OFF) != OFF:
        return _("fence: {mode} (Landlock {level})").format(
            mode=isolation["fence"], level=isolation.get("abi")
        )
    if isolation.get("reason") == NO_LANDLOCK:
        return _("no fence: this kernel has no Landlock of level {level} or newer").format(
            level=OLDEST_LEVEL
        )
    if isolation.get("reason") == OPEN_FOLDER:
        return _(
            "no fence: the data directory or database is in {path}, where any script can write"
        ).format(path=isolation.get("path"))
    return _("no fence, as GUARDIANFLOW_FENCE says")


def note_refusal(run: Run, folder: RunFolder) -> None:
    """Note on a failed run that the fence denied its script something."""
    isolation = isolation_of(folder)
    if isolation.get("fence", OFF) == OFF:
        return
    try:
        fence = folder.spec().fence | {"mode": isolation["fence"]}
        output = _tail(folder)
    except (OSError, FolderError):
        return
    refusal = find_refusal(output, fence, cwd=run.start_directory)
    if refusal is not None:
        values = {"path": refusal.path, "folder": refusal.folder}
        named: dict[str, Any] = {name: value for name, value in values.items() if value}
        notices.add(run.pk, _REMARKS[refusal.trouble](**named))


def _tail(folder: RunFolder) -> bytes:
    with folder.stderr.open("rb") as log:
        size = log.seek(0, 2)
        log.seek(max(0, size - TAIL_BYTES))
        return log.read(TAIL_BYTES)

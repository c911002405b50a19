"""Whether the portal can do its work: what /healthz answers.

Nobody logs in for it, so no path, address or error text of another program is told.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils.translation import gettext as _

from portal import database
from registry_app.files import disk_full
from runs_app.choices import TERMINAL, MlflowState
from runs_app.models import HostHeartbeat, Run

logger = logging.getLogger(__name__)

# An empty file fits on a full disk; a block does not.
_BLOCK = bytes(4096)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: `code` for programs, `text` for people."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """`reasons` keep the portal from its work; `notes` do not."""

    reasons: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        return {
            "status": "ok" if self.is_well else "unavailable",
            "reasons": [vars(finding) for finding in self.reasons],
            "notes": [vars(finding) for finding in self.notes],
        }


def look() -> Health:
    """Look at home, database and worker, in a handful of queries; MLflow is never asked."""
    reasons: list[Finding] = []
    notes: list[Finding] = []
    if (problem := problem_of_home()) is not None:
        text = _full_disk(problem) or _("The portal's folder cannot be written.")
        reasons.append(Finding(code="home", text=text))
    try:
        _look_at_rows(reasons, notes)
    except Error as error:
        reason = disk_full.explained(error, str(error))
        logger.warning("the database did not answer a look at the health error=%s", reason)
        text = _full_disk(error) or _(
            "The database does not answer. `guardianflow doctor` tells more."
        )
        reasons.append(Finding(code="database", text=text))
    return Health(reasons=tuple(reasons), notes=tuple(notes))


def _full_disk(error: Exception) -> str:
    """Return that the disk is full where it is, without its path, else ''."""
    return _("The disk of the portal is full.") if disk_full.trouble(error) else ""


def problem_of_home() -> OSError | None:
    """Return why no block can be written into the portal's home."""
    try:
        with tempfile.TemporaryFile(dir=settings.GUARDIANFLOW_HOME) as probe:
            probe.write(_BLOCK)
    except OSError as error:
        return error
    return None


def _look_at_rows(reasons: list[Finding], notes: list[Finding]) -> None:
    had = database.applied()
    if not had or database.newer(had):
        text = _(
            "The database is empty or of a newer version. `guardianflow doctor` tells what to do."
        )
        reasons.append(Finding(code="migrations", text=text))
        return
    if database.pending(had):
        text = _("The database is older than this version. Run `guardianflow migrate`.")
        reasons.append(Finding(code="migrations", text=text))
        return
    _look_at_workers(reasons, notes)
    waiting = Run.objects.filter(status__in=TERMINAL).exclude(mlflow_error="")
    if waiting.exclude(mlflow_state=MlflowState.SENT).exists():
        text = _("MLflow did not take some runs. They are sent later; no run depends on it.")
        notes.append(Finding(code="mlflow", text=text))


def _look_at_workers(reasons: list[Finding], notes: list[Finding]) -> None:
    hosts = list(HostHeartbeat.objects.all())
    if not any(host.is_alive() for host in hosts):
        text = _("No worker is alive, so queued runs do not start. Start `guardianflow worker`.")
        reasons.append(Finding(code="worker", text=text))
    elif any(host.host == settings.GUARDIANFLOW_HOST and not host.is_alive() for host in hosts):
        text = _("The worker of this machine is not alive; others are.")
        notes.append(Finding(code="worker_here", text=text))
    alive = [host for host in hosts if host.is_alive()]
    if alive and all(host.is_drained for host in alive):
        text = _("Every worker host is drained, so queued runs wait: `guardianflow drain --off`.")
        notes.append(Finding(code="drained", text=text))

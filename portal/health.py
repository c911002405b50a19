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
    if not home_is_writable():
        text = _("The portal's folder cannot be written. Is its disk full or read-only?")
        reasons.append(Finding(code="home", text=text))
    try:
        _look_at_rows(reasons, notes)
    except Error as error:
        logger.warning("the database did not answer a look at the health error=%s", error)
        text = _("The database does not answer. `guardianflow doctor` tells more.")
        reasons.append(Finding(code="database", text=text))
    return Health(reasons=tuple(reasons), notes=tuple(notes))


def home_is_writable() -> bool:
    """Whether a block can be written into the portal's home."""
    try:
        with tempfile.TemporaryFile(dir=settings.GUARDIANFLOW_HOME) as probe:
            probe.write(_BLOCK)
    except OSError:
        return False
    return True


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

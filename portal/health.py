"""The health of the portal, for /healthz.

It needs no log-in, so it reveals no path, address or error text of another program.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import Error
from django.utils.translation import gettext as _

from portal import database
from portal.writable_home import problem_of_home
from registry_app.files import disk_full
from registry_app.messages import message_of
from runs_app.choices import TERMINAL, MlflowState
from runs_app.executors.chosen import executor
from runs_app.models import HostHeartbeat, Run

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem: `code` for programs, `text` for users."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """`reasons` prevent the portal from working; `notes` do not."""

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
    """Check data directory, database and worker, in a few queries; MLflow is never contacted."""
    reasons: list[Finding] = []
    notes: list[Finding] = []
    if (problem := problem_of_home()) is not None:
        text = _full_disk(problem) or _("The portal's folder cannot be written.")
        reasons.append(Finding(code="home", text=text))
    try:
        _look_at_rows(reasons, notes)
    except Error as error:
        reason = disk_full.explained(error, message_of(error))
        logger.warning("the database did not answer a health check error=%s", reason)
        text = _full_disk(error) or _("The database does not respond. See `guardianflow doctor`.")
        reasons.append(Finding(code="database", text=text))
    return Health(reasons=tuple(reasons), notes=tuple(notes))


def _full_disk(error: Exception) -> str:
    """Return that the disk is full, without its path, else ''."""
    return _("The disk of the portal is full.") if disk_full.trouble(error) else ""


def _look_at_rows(reasons: list[Finding], notes: list[Finding]) -> None:
    had = database.applied()
    if not had or database.newer(had):
        text = _(
            "The database is empty or of a newer version. `guardianflow doctor` shows what to do."
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
        text = _(
            "Some runs could not be sent to MLflow. They are sent later; no run depends on it."
        )
        notes.append(Finding(code="mlflow", text=text))


def _look_at_workers(reasons: list[Finding], notes: list[Finding]) -> None:
    hosts = list(HostHeartbeat.objects.all())
    if not any(host.is_alive() for host in hosts):
        text = _("No worker is alive, so queued runs do not start. Start `guardianflow worker`.")
        reasons.append(Finding(code="worker", text=text))
    elif any(host.host == executor().place and not host.is_alive() for host in hosts):
        text = _("The worker of this machine is not alive; others are.")
        notes.append(Finding(code="worker_here", text=text))
    alive = [host for host in hosts if host.is_alive()]
    if alive and all(host.is_drained for host in alive):
        text = _("Every worker host is drained, so queued runs wait: `guardianflow drain --off`.")
        notes.append(Finding(code="drained", text=text))

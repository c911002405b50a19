"""This machine: its heartbeat, its slots, and the files by which its processes find each other."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs_app.exceptions import UnknownHostError
from runs_app.executors.chosen import executor
from runs_app.models import HostHeartbeat, Run
from runs_app.texts.requests import NO_HOST

logger = logging.getLogger(__name__)

WORKER_LOCK = "worker.lock"
TICKER_BEAT = "ticker.beat"


def beat(host: str, *, worker_started_at: datetime | None = None) -> None:
    """Store the heartbeat of `host`: its tick ran just now."""
    facts: dict[str, Any] = {
        "boot_id": executor().boot_id,
        "tick_at": timezone.now(),
        "slots": executor().slots,
        **_health(),
    }
    if worker_started_at is not None:
        facts["started_at"] = worker_started_at
    HostHeartbeat.objects.update_or_create(host=host, defaults=facts)


def _health() -> dict[str, Any]:
    """Return the facts to store of a host; if its GPU driver fails, the error without GPUs."""
    health = executor().health()
    facts: dict[str, Any] = {
        "isolation": dict(health.isolation),
        "gpu_error": health.device_error[:300],
    }
    if not health.device_error:
        facts["gpus"] = [vars(gpu) for gpu in health.devices]
    return facts


def drain(host: str, *, by: str) -> bool:
    """Let a machine finish its runs and take no more; return whether it took runs before.

    Raises UnknownHostError if no worker of that name was ever seen.
    """
    changed = HostHeartbeat.objects.filter(host=host, drained_at__isnull=True).update(
        drained_at=timezone.now(), drained_by=by[:150]
    )
    return _noted(host, changed, "drained", by)


def undrain(host: str, *, by: str) -> bool:
    """Let a machine take runs again; return whether it was drained. Raises UnknownHostError."""
    changed = HostHeartbeat.objects.filter(host=host, drained_at__isnull=False).update(
        drained_at=None, drained_by=""
    )
    return _noted(host, changed, "takes runs again", by)


def _noted(host: str, changed: int, what: str, by: str) -> bool:
    if changed:
        logger.info("%s host=%s by=%s", what, host, by)
    elif not HostHeartbeat.objects.filter(host=host).exists():
        known = ", ".join(HostHeartbeat.objects.values_list("host", flat=True))
        raise UnknownHostError(NO_HOST(host=host, known=known or "–"))
    return bool(changed)


def has_worker(host: str) -> bool:
    """Whether a worker runs on `host`, by its heartbeat."""
    row = HostHeartbeat.objects.filter(host=host).first()
    return row is not None and row.is_alive()


def lock_slots(host: str) -> bool:
    """Let one launcher of `host` at a time count its slots; return whether the host is drained.

    Call it inside a transaction. SQLite has one writer anyway; elsewhere the host's row is locked.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("slots are counted inside a transaction")
    # A row created here has no heartbeat: the host need not have a worker.
    never = datetime.fromtimestamp(0, UTC)
    HostHeartbeat.objects.get_or_create(
        host=host, defaults={"boot_id": executor().boot_id, "tick_at": never}
    )
    return HostHeartbeat.objects.select_for_update().get(host=host).is_drained


def worker_lock() -> Path:
    """Return the lock file that this portal's worker holds while it is alive."""
    return Path(settings.GUARDIANFLOW_HOME) / WORKER_LOCK


def note_tick() -> None:
    """Show the parent of the ticker that it ticks, also while the database does not answer."""
    path = Path(settings.GUARDIANFLOW_HOME) / TICKER_BEAT
    with suppress(OSError):  # a full disk has room for the time of a file that is there
        path.touch(mode=0o600)


def last_tick() -> object:
    """Return something that changes with every tick, None while there was none."""
    try:
        return (Path(settings.GUARDIANFLOW_HOME) / TICKER_BEAT).stat().st_mtime_ns
    except OSError:
        return None


def foreground_lock(run: Run) -> Path:
    """Return the lock file held by the terminal that requested a foreground run."""
    folder = Path(settings.SPOOL_DIR) / "foreground"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{run.uuid}.lock"

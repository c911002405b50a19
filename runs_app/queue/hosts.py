"""This machine: its heartbeat, its slots, and the socket on which ends are announced."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from runs_app.exceptions import GpuDriverError, UnknownHostError
from runs_app.executors import fencing
from runs_app.models import HostHeartbeat, Run
from runs_app.queue import devices
from runs_app.runner.folder import boot_id

logger = logging.getLogger(__name__)

# sun_path holds 108 bytes with its closing zero.
SOCKET_PATH_LIMIT = 107


def beat(host: str, *, worker_started_at: datetime | None = None) -> None:
    """Write down that the tick of `host` came by just now."""
    facts: dict[str, Any] = {
        "boot_id": boot_id(),
        "tick_at": timezone.now(),
        "slots": settings.GUARDIANFLOW_SLOTS,
        "isolation": fencing.isolation_here(),
        **_gpus(),
    }
    if worker_started_at is not None:
        facts["started_at"] = worker_started_at
    HostHeartbeat.objects.update_or_create(host=host, defaults=facts)


def _gpus() -> dict[str, Any]:
    """Return what to write down of the GPUs; where the driver does not answer only that."""
    try:
        return {"gpus": [vars(gpu) for gpu in devices.gpus()], "gpu_error": ""}
    except GpuDriverError as error:
        return {"gpu_error": str(error)[:300]}


def drain(host: str, *, by: str) -> bool:
    """Let a machine end what it has and take no more; return whether it took runs before.

    Raises UnknownHostError where no worker of that name was ever heard of.
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
        raise UnknownHostError(
            _("No worker of {host} was ever heard of; known are: {known}.").format(
                host=host, known=known or "–"
            )
        )
    return bool(changed)


def lock_slots(host: str) -> bool:
    """Let one launcher of `host` at a time count its slots; return whether the host is drained.

    Call it inside a transaction. SQLite has one writer anyway; elsewhere the host's row is locked.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("slots are counted inside a transaction")
    # A row that is made here was never beaten: no worker need be there.
    never = datetime.fromtimestamp(0, UTC)
    HostHeartbeat.objects.get_or_create(
        host=host, defaults={"boot_id": boot_id(), "tick_at": never}
    )
    return HostHeartbeat.objects.select_for_update().get(host=host).is_drained


def foreground_lock(run: Run) -> Path:
    """Return the lock file held by the terminal in which a foreground run was asked for."""
    folder = Path(settings.SPOOL_DIR) / "foreground"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{run.uuid}.lock"


def notify_socket() -> Path | None:
    """Return where the worker of this home listens, or None where no path is short and private.

    A home with a long path gets a folder of its own below the temporary directory; one that
    somebody else owns is not used.
    """
    at_home = Path(settings.GUARDIANFLOW_HOME) / "worker.sock"
    if len(os.fsencode(at_home)) <= SOCKET_PATH_LIMIT:
        return at_home
    digest = hashlib.sha256(os.fsencode(settings.GUARDIANFLOW_HOME)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"guardianflow-{os.getuid()}-{digest}"
    elsewhere = private / "worker.sock"
    if len(os.fsencode(elsewhere)) > SOCKET_PATH_LIMIT or not _is_private(private):
        return None
    return elsewhere


def listen() -> socket.socket | None:
    """Return the socket on which supervisors announce ends; the caller holds the worker's lock."""
    path = notify_socket()
    if path is None:
        return None
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o600)
    return listener


def _is_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError:
        return False
    is_ours = facts.st_uid == os.getuid() and stat.S_ISDIR(facts.st_mode)
    return is_ours and stat.S_IMODE(facts.st_mode) & 0o077 == 0

"""This machine: its heartbeat, its slots, and the socket on which ends are announced."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs_app.models import HostHeartbeat, Run
from runs_app.runner.folder import boot_id

# sun_path holds 108 bytes with its closing zero.
SOCKET_PATH_LIMIT = 107


def beat(host: str, *, worker_started_at: datetime | None = None) -> None:
    """Write down that the tick of `host` came by just now."""
    facts = {
        "boot_id": boot_id(),
        "tick_at": timezone.now(),
        "slots": settings.GUARDIANFLOW_SLOTS,
    }
    if worker_started_at is not None:
        facts["started_at"] = worker_started_at
    HostHeartbeat.objects.update_or_create(host=host, defaults=facts)


def lock_slots(host: str) -> None:
    """Let one launcher of `host` at a time count its slots; call it inside a transaction.

    SQLite has one writer anyway; elsewhere the host's row is locked.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("slots are counted inside a transaction")
    # A row that is made here was never beaten: no worker need be there.
    never = datetime.fromtimestamp(0, UTC)
    HostHeartbeat.objects.get_or_create(
        host=host, defaults={"boot_id": boot_id(), "tick_at": never}
    )
    HostHeartbeat.objects.select_for_update().get(host=host)


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

"""What each run holds on the GPUs of this machine, by the environment of the processes there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from runs_app.executors.base import DeviceKey
from runs_app.executors.local import devices
from runs_app.runner.other_user import current

_MARK = b"GUARDIANFLOW_RUN_ID="


def by_run() -> Mapping[UUID, Mapping[DeviceKey, int]]:
    """Add up the memory of each run's processes on each device in MiB.

    Processes that belong to no run are ignored. Raises GpuDriverError.
    """
    used: dict[UUID, dict[DeviceKey, int]] = defaultdict(lambda: defaultdict(int))
    for use in devices.uses():
        run = _run_of(use.pid)
        if run is not None:
            used[run][DeviceKey(uuid=use.uuid, index=use.index)] += use.used_mib
    return used


def _run_of(pid: int) -> UUID | None:
    """Return the run of a process, by its environment; None if it belongs to no run."""
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except PermissionError:  # another user's
        words = _mark_seen_by_script_user(pid)
    except OSError:  # gone, or of another container
        return None
    for word in words:
        if word.startswith(_MARK):
            try:
                return UUID(word.removeprefix(_MARK).decode("ascii", errors="replace"))
            except ValueError:
                return None
    return None


def _mark_seen_by_script_user(pid: int) -> list[bytes]:
    """Return the run's mark in the environment of a process of a separate script user."""
    user = current()
    try:
        return [] if user is None else [_MARK + user.run_of(pid).encode()]
    except OSError:  # the helper is not reachable: the next query may succeed
        return []

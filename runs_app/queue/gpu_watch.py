"""Measures what the runs of a machine hold on its GPUs while their scripts run.

What a run held at most is what the next one of its script is taken to need. A script that picks
its device by itself, past what it was given, is told of.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from runs_app.choices import Notice
from runs_app.exceptions import GpuDriverError
from runs_app.executors import notices
from runs_app.models import GpuLease, Run
from runs_app.queue import devices, leases
from runs_app.runner.other_user import current

logger = logging.getLogger(__name__)

EVERY_S = 5.0
# Less than this is what a process holds by having looked at a device.
STRAY_MIB = 64
_MARK = b"GUARDIANFLOW_RUN_ID="


class GpuWatch:
    """Looks every few seconds, however often it is called."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def look(self, host: str) -> None:
        """Measure, if it is time again; a driver that does not answer is left alone."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_S
        try:
            measure(host)
        except GpuDriverError as error:
            logger.warning("GPU memory is not measured host=%s error=%s", host, error)


def measure(host: str) -> None:
    """Note what the runs of `host` hold now; raises GpuDriverError."""
    used = _by_run(devices.uses())
    if not used:
        return
    running = Run.objects.filter(uuid__in=used, host=host, status__in=leases.HOLDING)
    given = defaultdict(set)
    for lease in GpuLease.objects.filter(run__in=running, released_at__isnull=True):
        given[lease.run_id].add(lease.index)
    for run in running:
        on_gpus = used[run.uuid]
        _note_peak(run, max(on_gpus.values()))
        strays = {index for index, mib in on_gpus.items() if mib >= STRAY_MIB} - given[run.pk]
        if strays and Notice.GPU_STRAY not in run.notices:
            text = ", ".join(str(index) for index in sorted(strays))
            notices.add(run.pk, Notice.GPU_STRAY, gpus=text)


def _note_peak(run: Run, mib: int) -> None:
    if mib > (run.gpu_memory_peak_mib or 0):
        less = Q(gpu_memory_peak_mib__isnull=True) | Q(gpu_memory_peak_mib__lt=mib)
        Run.objects.filter(less, pk=run.pk).update(gpu_memory_peak_mib=mib)


def _by_run(uses: Iterable[devices.GpuUse]) -> dict[UUID, dict[int, int]]:
    """Add up the memory of each run's processes on each GPU; strangers are left out."""
    used: dict[UUID, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for use in uses:
        run = _run_of(use.pid)
        if run is not None:
            used[run][use.index] += use.used_mib
    return used


def _run_of(pid: int) -> UUID | None:
    """Return the run that a process belongs to, by its environment; None for a stranger's."""
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except PermissionError:  # somebody else's
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
    """Return what a process of the user of scripts says of its run, where that is another user."""
    user = current()
    try:
        return [] if user is None else [_MARK + user.run_of(pid).encode()]
    except OSError:  # the helper is away: the next look may tell
        return []

"""Measures what the runs of a machine hold on its GPUs while their scripts run.

The peak of a run is what the next run of its script is assumed to need. A script that uses a device
other than those it was given is reported.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict

from django.db.models import Q

from runs_app.exceptions import GpuDriverError
from runs_app.executors import notices
from runs_app.executors.chosen import executor
from runs_app.models import GpuLease, Run
from runs_app.queue import leases
from runs_app.texts.remarks import GPU_STRAY

logger = logging.getLogger(__name__)

EVERY_S = 5.0
# A process holds less than this by merely opening a device.
STRAY_MIB = 64


class GpuWatch:
    """Measures every few seconds, however often it is called."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def look(self, host: str) -> None:
        """Measure if it is due; ignore a driver that does not respond."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_S
        try:
            measure(host)
        except GpuDriverError as error:
            logger.warning("GPU memory is not measured host=%s error=%s", host, error)


def measure(host: str) -> None:
    """Store what the runs of `host` hold now; raise GpuDriverError if the driver fails."""
    used = executor().memory_held()
    if not used:
        return
    running = Run.objects.filter(uuid__in=used, host=host, status__in=leases.HOLDING)
    given = defaultdict(set)
    for lease in GpuLease.objects.filter(run__in=running, released_at__isnull=True):
        given[lease.run_id].add(lease.device)
    for run in running:
        on_gpus = used[run.uuid]
        _note_peak(run, max(on_gpus.values()))
        strays = {
            str(device)
            for device, mib in on_gpus.items()
            if mib >= STRAY_MIB and device.uuid not in given[run.pk]
        }
        if strays and GPU_STRAY.code not in run.notices:
            notices.add(run.pk, GPU_STRAY(gpus=sorted(strays)))


def _note_peak(run: Run, mib: int) -> None:
    if mib > (run.gpu_memory_peak_mib or 0):
        less = Q(gpu_memory_peak_mib__isnull=True) | Q(gpu_memory_peak_mib__lt=mib)
        Run.objects.filter(less, pk=run.pk).update(gpu_memory_peak_mib=mib)

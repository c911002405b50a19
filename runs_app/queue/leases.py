"""GPUs that runs use exclusively: leased when the run is claimed, released after its script ends.

A lease is a row; a database constraint allows one open lease per device. Code that ends a run need
not release its leases: the next process that checks closes those whose run is no longer alive.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.models import GpuLease, Run
from runs_app.queue.scheduling import Device

logger = logging.getLogger(__name__)

# In these states of a run its script may be alive.
HOLDING = (RunStatus.STARTING, RunStatus.RUNNING)


def take(run: Run, host: str, devices: Sequence[Device]) -> None:
    """Lease GPUs to a run; call it in the transaction that claims the run.

    Raises IntegrityError if another run has one of them. Leases from an earlier, failed launch of
    this run are released.
    """
    GpuLease.objects.filter(run=run, released_at__isnull=True).update(released_at=timezone.now())
    GpuLease.objects.bulk_create(
        GpuLease(run=run, host=host, device=device.uuid, index=device.index, name=device.name[:100])
        for device in devices
    )


def left_over(host: str) -> QuerySet[GpuLease]:
    """Return the open leases of `host` whose run is no longer alive."""
    opened = GpuLease.objects.filter(host=host, released_at__isnull=True)
    return opened.exclude(run__status__in=HOLDING)


def release_ended(host: str) -> int:
    """Close the leases of `host` whose run is no longer alive; return how many."""
    ended = left_over(host)
    if not ended.exists():
        return 0
    closed = ended.update(released_at=timezone.now())
    logger.info("released GPUs host=%s count=%s", host, closed)
    return closed


def holders() -> dict[tuple[str, str], int]:
    """Return the run that has each leased GPU, by host and UUID."""
    opened = GpuLease.objects.filter(released_at__isnull=True)
    return {
        (host, device): run for host, device, run in opened.values_list("host", "device", "run")
    }

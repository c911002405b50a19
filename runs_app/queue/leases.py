"""GPUs that runs have for themselves: taken with the run, given back when its script has ended.

A lease is a row, and the database lets no two open ones be of one device. Who ends a run need
not think of it: a lease whose run is not alive any more is closed by whoever looks next.
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

# While one of these is the state of a run, its script may be alive.
HOLDING = (RunStatus.STARTING, RunStatus.RUNNING)


def take(run: Run, host: str, devices: Sequence[Device]) -> None:
    """Give GPUs to a run; call it in the transaction that takes the run.

    Raises IntegrityError where another run has one of them. What it had from an earlier launch
    that came to nothing it gives back.
    """
    GpuLease.objects.filter(run=run, released_at__isnull=True).update(released_at=timezone.now())
    GpuLease.objects.bulk_create(
        GpuLease(run=run, host=host, device=one.uuid, index=one.index, name=one.name[:100])
        for one in devices
    )


def left_over(host: str) -> QuerySet[GpuLease]:
    """Return the open leases of `host` whose run is not alive any more."""
    opened = GpuLease.objects.filter(host=host, released_at__isnull=True)
    return opened.exclude(run__status__in=HOLDING)


def release_ended(host: str) -> int:
    """Close the leases of `host` whose run is not alive any more; return how many."""
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

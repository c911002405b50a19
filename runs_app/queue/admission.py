"""Which queued run may start on a machine now, and what the others wait for.

Reads the rows that the rules of `scheduling` need, in a few queries however many runs wait, and
lets every waiting run say what it waits for and which runs block it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from registry_app.choices import EntryPointType
from runs_app.choices import ON_HOST, RunStatus, StatusReason
from runs_app.exceptions import GpuDriverError
from runs_app.models import HostHeartbeat, Run, RunQuerySet
from runs_app.queue import devices, leases
from runs_app.queue.scheduling import Device, Machine, Start, Wait, Wish, decide

logger = logging.getLogger(__name__)

# A machine whose worker was heard of lately comes back; until then its GPUs are waited for.
REMEMBERED = timedelta(days=1)
# Scripts of these types rarely use a GPU; all others are taken to want one.
WITHOUT_GPU = frozenset({EntryPointType.DATA})
UNLIMITED_SLOTS = 1_000_000
# A database takes only so many values in one statement.
NOTED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The queue and the machines at one moment."""

    wishes: tuple[Wish, ...]
    machines: tuple[Machine, ...]
    users: dict[int, int]

    def starts(self, host: str, *, but: Collection[int] = ()) -> list[Start]:
        """Return the runs that may start on `host` now, in order; `but` were tried before."""
        wishes = [wish for wish in self.wishes if wish.run not in but]
        decided = decide(wishes, self.machines, users=self.users, only=host)
        return [one for one in decided if isinstance(one, Start)]

    def waits(self) -> list[Wait]:
        """Return what each run waits for; one that may start waits for a worker to do it."""
        return [
            one
            if isinstance(one, Wait)
            else Wait(run=one.run, reason=StatusReason.WAITS_FOR_WORKER)
            for one in decide(self.wishes, self.machines, users=self.users)
        ]


def outlook(host: str) -> Outlook:
    """Return the queue and all machines, as `host` sees them now."""
    wishes = tuple(_wishes(_queued()))
    machines, users = _taken(host, ask_driver=any(wish.gpus for wish in wishes))
    return Outlook(wishes=wishes, machines=machines, users=users)


def decide_alone(run: Run, *, host: str) -> Start | Wait:
    """Return whether one run may start on `host` now, whoever else waits.

    One that a person at a terminal asked for waits for no slot, and for no other machine.
    """
    wish = wish_of(run)
    machines, users = _taken(host, ask_driver=bool(wish.gpus))
    if run.foreground:
        here = next(machine for machine in machines if machine.host == host)
        machines = (replace(here, slots=UNLIMITED_SLOTS, is_drained=False),)
    return next(decide([wish], machines, users=users, only=host))


def has_slot(host: str) -> bool:
    """Whether one more run may be on this machine."""
    return Run.objects.on_host(host).count() < settings.GUARDIANFLOW_SLOTS


def wish_of(run: Run) -> Wish:
    """Return what a run wants; where nobody said how many GPUs, what its type usually takes."""
    return _wish(
        (
            run.pk,
            run.experiment_id,
            run.overlap,
            run.type,
            run.gpus,
            run.gpu_memory_mib,
            run.gpu_memory_past_mib,
            run.secrets,
            run.host,
        )
    )


def usual_gpus(type: str) -> int:  # noqa: A002
    """Return how many GPUs a run of this type gets where nobody said a number."""
    return 0 if type in WITHOUT_GPU else 1


def note(waits: Iterable[Wait]) -> None:
    """Let queued runs say what they wait for; rows that say so already are left alone."""
    alike: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        alike[repr((wait.reason, sorted(wait.values.items()), wait.runs))].append(wait)
    for group in alike.values():
        runs = [wait.run for wait in group]
        for first in range(0, len(runs), NOTED_AT_ONCE):
            _note(runs[first : first + NOTED_AT_ONCE], group[0])


def _note(runs: Sequence[int], wait: Wait) -> None:
    values: dict[str, Any] = {**wait.values, "runs": list(wait.runs)}
    said = Q(reason_code=wait.reason, reason_values=values)
    queued = Run.objects.filter(pk__in=runs, status=RunStatus.QUEUED)
    queued.exclude(said).update(reason_code=wait.reason, reason_values=values)


def _queued() -> RunQuerySet:
    return Run.objects.in_order().filter(foreground=False)


def _wishes(runs: RunQuerySet) -> Iterable[Wish]:
    rows = runs.values_list(
        "pk",
        "experiment_id",
        "overlap",
        "type",
        "gpus",
        "gpu_memory_mib",
        "gpu_memory_past_mib",
        "secrets",
        "host",
    )
    return (_wish(row) for row in rows)


def _wish(row: tuple[Any, ...]) -> Wish:
    pk, experiment, overlap, kind, gpus, memory_mib, past_mib, secrets, host = row
    if gpus is None:
        gpus = usual_gpus(kind)
    return Wish(
        run=pk,
        directory=experiment,
        overlap=overlap,
        gpus=gpus,
        memory_mib=memory_mib,
        past_mib=past_mib,
        # Its secret values lie on the machine where it was queued.
        host=host if secrets else "",
    )


def _taken(host: str, *, ask_driver: bool) -> tuple[tuple[Machine, ...], dict[int, int]]:
    """Return the machines, and the runs that have their directory for themselves.

    This machine is told as it is now, the others as their last sign of life says.
    """
    on_host: dict[str, list[int]] = defaultdict(list)
    users: dict[int, int] = {}
    active = Run.objects.filter(status__in=ON_HOST).order_by("pk")
    for name, pk, experiment, overlap in active.values_list("host", "pk", "experiment", "overlap"):
        on_host[name].append(pk)
        if not overlap:
            users[experiment] = pk
    holders = leases.holders() if ask_driver else {}
    since = timezone.now() - REMEMBERED
    heard = HostHeartbeat.objects.filter(Q(tick_at__gte=since) | Q(host=host))
    rows = {row.host: row for row in heard}
    # A terminal needs no worker, and so no row.
    here = _here(host, rows.pop(host, None), on_host[host], holders, ask_driver=ask_driver)
    others = (
        Machine(
            host=row.host,
            slots=row.slots,
            runs=tuple(on_host[row.host]),
            devices=tuple(_device(row.host, gpu, holders) for gpu in row.gpus),
            is_alive=row.is_alive(),
            is_drained=row.is_drained,
            driver_answers=not row.gpu_error,
        )
        for row in rows.values()
    )
    return (here, *others), users


def _here(
    host: str,
    row: HostHeartbeat | None,
    runs: list[int],
    holders: dict[tuple[str, str], int],
    *,
    ask_driver: bool,
) -> Machine:
    found: tuple[devices.Gpu, ...] = ()
    driver_answers = True
    if ask_driver:
        try:
            found = devices.gpus()
        except GpuDriverError as error:
            driver_answers = False
            logger.warning("the GPU driver does not answer host=%s error=%s", host, error)
    return Machine(
        host=host,
        slots=settings.GUARDIANFLOW_SLOTS,
        runs=tuple(runs),
        devices=tuple(_device(host, vars(gpu), holders) for gpu in found),
        is_drained=bool(row and row.is_drained),
        driver_answers=driver_answers,
    )


def _device(host: str, gpu: dict[str, Any], holders: dict[tuple[str, str], int]) -> Device:
    return Device(holder=holders.get((host, gpu["uuid"])), **gpu)

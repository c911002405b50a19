"""Which queued run may start on a machine now, and what the others wait for.

Reads the rows that the rules of `scheduling` need, in a few queries however many runs wait. Stores
for every waiting run what it waits for and which runs block it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from registry_app.kinds import KIND_OF, EntryPointType
from registry_app.messages import stored_values
from runs_app.choices import ON_HOST, RunStatus
from runs_app.executors.base import Health
from runs_app.executors.chosen import executor
from runs_app.models import HostHeartbeat, Run, RunQuerySet, RunStep
from runs_app.models.moments import reason_to_wait
from runs_app.queue import leases
from runs_app.queue.scheduling import Device, Machine, ResourceRequest, Start, Wait, decide
from runs_app.texts import reasons

logger = logging.getLogger(__name__)

# A machine with a heartbeat this recent is expected back; its GPUs are waited for.
REMEMBERED = timedelta(days=1)
UNLIMITED_SLOTS = 1_000_000
# Databases limit the number of values in one statement.
NOTED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class QueueSnapshot:
    """A snapshot of the queue and the machines."""

    requests: tuple[ResourceRequest, ...]
    machines: tuple[Machine, ...]
    users: dict[int, int]

    def starts(self, host: str, *, but: Collection[int] = ()) -> list[Start]:
        """Return the runs that may start on `host` now, in order; `but` were tried before."""
        requests = [request for request in self.requests if request.run not in but]
        decided = decide(requests, self.machines, users=self.users, only=host)
        return [decision for decision in decided if isinstance(decision, Start)]

    def waits(self) -> list[Wait]:
        """Return what each run waits for; a run that may start waits for a worker."""
        return [
            decision
            if isinstance(decision, Wait)
            else Wait(run=decision.run, reason=reasons.WAITS_FOR_WORKER())
            for decision in decide(self.requests, self.machines, users=self.users)
        ]


def snapshot(host: str) -> QueueSnapshot:
    """Return a snapshot of the queue and all machines, as `host` sees them now."""
    requests = tuple(_requests(_queued()))
    machines, users = _taken(host, ask_driver=any(request.gpus for request in requests))
    return QueueSnapshot(requests=requests, machines=machines, users=users)


def decide_alone(run: Run, *, host: str) -> Start | Wait:
    """Return whether one run may start on `host` now, regardless of other waiting runs.

    A foreground run waits neither for a slot nor for another machine.
    """
    request = request_of(run)
    machines, users = _taken(host, ask_driver=bool(request.gpus))
    if run.foreground:
        here = next(machine for machine in machines if machine.host == host)
        machines = (replace(here, slots=UNLIMITED_SLOTS, is_drained=False),)
    return next(decide([request], machines, users=users, only=host))


def has_slot(host: str) -> bool:
    """Whether one more run may be on this machine."""
    return Run.objects.on_host(host).count() < executor().slots


def request_of(run: Run) -> ResourceRequest:
    """Return what a run requests; if no number of GPUs is given, what its type usually takes."""
    return next(_requests(Run.objects.filter(pk=run.pk)))


def usual_gpus(type: str) -> int:  # noqa: A002
    """Return how many GPUs a run of this type gets if no number is given."""
    return KIND_OF[EntryPointType(type)].gpus


def note(waits: Iterable[Wait]) -> None:
    """Store what each queued run waits for; skip unchanged rows."""
    alike: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        alike[repr((wait.reason.to_json(), wait.runs))].append(wait)
    for group in alike.values():
        runs = [wait.run for wait in group]
        for first in range(0, len(runs), NOTED_AT_ONCE):
            _note(runs[first : first + NOTED_AT_ONCE], group[0])


def _note(runs: Sequence[int], wait: Wait) -> None:
    code = wait.reason.code
    values: dict[str, Any] = {**stored_values(wait.reason), "runs": list(wait.runs)}
    same_reason = Q(reason_code=code, reason_values=values)
    queued = Run.objects.filter(pk__in=runs, status=RunStatus.QUEUED)
    queued.exclude(same_reason).update(reason_code=code, reason_values=values)


def _queued() -> RunQuerySet:
    return Run.objects.in_order().filter(foreground=False)


def _requests(runs: RunQuerySet) -> Iterator[ResourceRequest]:
    # The copies of its files are made from the folder of an earlier run, on the machine of that.
    handed = RunStep.objects.filter(run=OuterRef("pk")).exclude(bound=[])
    rows = runs.annotate(handed=Exists(handed)).values_list(
        "pk",
        "experiment_id",
        "overlap",
        "type",
        "gpus",
        "gpu_memory_mib",
        "gpu_memory_past_mib",
        "secrets",
        "handed",
        "host",
        "not_before",
    )
    return map(_request, rows)


def _request(row: tuple[Any, ...]) -> ResourceRequest:
    pk, experiment, overlap, kind, gpus, memory_mib, past_mib, secrets, handed, host, early = row
    return ResourceRequest(
        run=pk,
        directory=experiment,
        overlap=overlap,
        gpus=usual_gpus(kind) if gpus is None else gpus,
        memory_mib=memory_mib,
        past_mib=past_mib,
        # Its secret values are on the machine where it was queued, and its files are there too.
        host=host if secrets or handed else "",
        away=reasons.WAITS_FOR_SECRETS if secrets else reasons.WAITS_FOR_FILES,
        early=reason_to_wait(early),
    )


def _taken(host: str, *, ask_driver: bool) -> tuple[tuple[Machine, ...], dict[int, int]]:
    """Return the machines, and the runs with exclusive use of their directory.

    This machine is described as it is now, the others as of their last heartbeat.
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
    heartbeats = HostHeartbeat.objects.filter(Q(tick_at__gte=since) | Q(host=host))
    rows = {row.host: row for row in heartbeats}
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
    health = executor().health() if ask_driver else Health()
    if health.device_error:
        error = health.device_error
        logger.warning("the GPU driver does not respond host=%s error=%s", host, error)
    return Machine(
        host=host,
        slots=executor().slots,
        runs=tuple(runs),
        devices=tuple(_device(host, vars(gpu), holders) for gpu in health.devices),
        is_drained=bool(row and row.is_drained),
        driver_answers=not health.device_error,
    )


def _device(host: str, gpu: dict[str, Any], holders: dict[tuple[str, str], int]) -> Device:
    return Device(holder=holders.get((host, gpu["uuid"])), **gpu)

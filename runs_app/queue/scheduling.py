"""The rules of the queue: what starts where, with which GPUs, and what the others wait for.

Pure functions: from the queued runs and the machines to decisions. The same rules choose what
starts and explain what every run waits for, so what is shown is what is done. See
docs/decisions for why free GPUs are reserved for the first run that waits for some.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry_app.messages import Message, Text, Value
from runs_app.texts import reasons

# If the needed memory is unknown, this share of a GPU must be free.
UNKNOWN_SHARE = 0.7
# A run may need somewhat more than it ever did. But an empty GPU always suffices for what was
# measured on a GPU of the same kind.
PAST_FACTOR = 1.1
PAST_SHARE = 0.9


@dataclass(frozen=True, kw_only=True)
class Device:
    """A GPU; `holder` is the run that has it, None where no run does."""

    uuid: str
    index: int
    name: str
    total_mib: int
    free_mib: int
    holder: int | None = None


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine that has or had a worker. `runs` are on it now, foreground ones among them.

    `driver_answers` is False if it has GPUs whose free memory is unknown.
    """

    host: str
    slots: int
    runs: tuple[int, ...] = ()
    devices: tuple[Device, ...] = ()
    is_alive: bool = True
    is_drained: bool = False
    driver_answers: bool = True

    @property
    def takes_runs(self) -> bool:
        return self.is_alive and not self.is_drained

    @property
    def has_gpus(self) -> bool:
        return bool(self.devices) or not self.driver_answers


@dataclass(frozen=True, kw_only=True)
class ResourceRequest:
    """A resource request: a queued run, and the GPUs and memory that it requests.

    Memory is per GPU: `memory_mib` is requested, `past_mib` was measured. `host` is the machine
    that has what it needs, '' if it may run on any; `away` says what that is while no worker is
    there. `early` says until when it must not start, None if it may.
    """

    run: int
    directory: int
    overlap: bool = False
    gpus: int = 0
    memory_mib: int | None = None
    past_mib: int | None = None
    host: str = ""
    away: Text = reasons.WAITS_FOR_SECRETS
    early: Message | None = None

    def fits(self, device: Device) -> bool:
        """Whether the device would suffice if nothing else used it."""
        return self.needed_mib(device) <= device.total_mib

    def needed_mib(self, device: Device) -> int:
        """Return how many MiB of the device must be free."""
        if self.memory_mib is not None:
            return self.memory_mib
        if self.past_mib is not None:
            return math.ceil(min(self.past_mib * PAST_FACTOR, device.total_mib * PAST_SHARE))
        return math.ceil(device.total_mib * UNKNOWN_SHARE)


@dataclass(frozen=True, kw_only=True)
class Start:
    """A run that may start on `host` now, with these GPUs."""

    run: int
    host: str
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What a run waits for; `runs` are those that block it, if runs do."""

    run: int
    reason: Message
    runs: tuple[int, ...] = ()


def decide(
    requests: Iterable[ResourceRequest],
    machines: Sequence[Machine],
    *,
    users: Mapping[int, int],
    only: str | None = None,
) -> Iterator[Start | Wait]:
    """Yield a decision for every request, in the order of the queue.

    `users` maps directories to the runs that use them exclusively. With `only`, runs start on
    that machine alone; the others still count for which machine a run should rather wait for.
    """
    table = _Table(machines, users, only)
    for request in requests:
        yield table.decide(request)


class _Table:
    """What is still free on the machines while the queue is processed."""

    def __init__(
        self, machines: Sequence[Machine], users: Mapping[int, int], only: str | None
    ) -> None:
        self._machines = sorted(machines, key=lambda machine: machine.host)
        self._only = only
        self._users = dict(users)
        self._runs = {machine.host: list(machine.runs) for machine in machines}
        self._holders = {
            (machine.host, device.uuid): device.holder
            for machine in machines
            for device in machine.devices
            if device.holder is not None
        }
        self._has_gpus = any(machine.has_gpus for machine in machines)
        # Free GPUs that are reserved for a run that waits for more.
        self._kept: dict[tuple[str, str], int] = {}

    def decide(self, request: ResourceRequest) -> Start | Wait:
        if request.early is not None:  # nothing is reserved for it
            return Wait(run=request.run, reason=request.early)
        blocker = None if request.overlap else self._users.get(request.directory)
        if blocker is not None:
            return Wait(
                run=request.run,
                reason=reasons.WAITS_FOR_RUN(run=blocker),
                runs=(blocker,),
            )
        there = self._machines
        if request.host:
            there = [machine for machine in there if machine.host == request.host]
            if not any(machine.is_alive for machine in there):
                return Wait(run=request.run, reason=request.away(host=request.host))
            if self._has_gpus and not any(_suffices(request, machine) for machine in there):
                return Wait(
                    run=request.run,
                    reason=reasons.NO_GPUS_THERE(gpus=request.gpus, host=request.host),
                )
        machines = _able(request, there)
        gpus = request.gpus if any(machine.has_gpus for machine in machines) else 0
        for machine in machines:
            if machine.takes_runs and self._only in {None, machine.host} and self._slots(machine):
                devices = self._choose(request, machine) if gpus else ()
                if len(devices) == gpus:
                    return self._start(request, machine, devices)
        if gpus:
            self._keep(request, machines)
        return self._wait(request, machines, gpus)

    def _slots(self, machine: Machine) -> bool:
        return len(self._runs[machine.host]) < machine.slots

    def _is_free(self, machine: Machine, device: Device) -> bool:
        return (machine.host, device.uuid) not in self._holders

    def _choose(self, request: ResourceRequest, machine: Machine) -> tuple[Device, ...]:
        """Return the best free GPUs for it, at most as many as it requests, by index.

        If its need is known, these are the smallest that suffice, to leave larger ones to others.
        """
        free = [
            device
            for device in _fitting(request, machine)
            if self._is_free(machine, device)
            and request.needed_mib(device) <= device.free_mib
            and self._kept.get((machine.host, device.uuid), request.run) == request.run
        ]
        is_known = request.memory_mib is not None or request.past_mib is not None
        free.sort(
            key=lambda device: (device.free_mib if is_known else -device.free_mib, device.index)
        )
        return tuple(sorted(free[: request.gpus], key=lambda device: device.index))

    def _start(
        self, request: ResourceRequest, machine: Machine, devices: tuple[Device, ...]
    ) -> Start:
        self._runs[machine.host].append(request.run)
        self._holders |= {(machine.host, device.uuid): request.run for device in devices}
        if not request.overlap:
            self._users[request.directory] = request.run
        return Start(run=request.run, host=machine.host, devices=devices)

    def _keep(self, request: ResourceRequest, machines: list[Machine]) -> None:
        """Reserve the free GPUs of the machine with the most, or smaller runs would starve it.

        On one machine only: reserving GPUs of several for one run would leave them idle.
        """
        able = [machine for machine in machines if machine.takes_runs and machine.driver_answers]
        if able:
            machine = max(able, key=lambda candidate: len(_fitting(request, candidate)))
            for device in self._choose(request, machine):
                self._kept[machine.host, device.uuid] = request.run

    def _wait(self, request: ResourceRequest, machines: list[Machine], gpus: int) -> Wait:
        if not machines:
            return _impossible(request)
        taking = [machine for machine in machines if machine.takes_runs]
        if not taking:
            return self._wait_for_worker(request, machines, gpus)
        with_slot = [machine for machine in taking if self._slots(machine)]
        if not with_slot:
            runs = [run for machine in taking for run in self._runs[machine.host]]
            return _wait_at(request, reasons.WAITS_FOR_SLOT, taking, runs=runs)
        if gpus:
            return self._wait_for_gpus(request, with_slot)
        # It could start on a machine other than `only`.
        return Wait(run=request.run, reason=reasons.WAITS_FOR_WORKER())

    def _wait_for_worker(
        self, request: ResourceRequest, machines: list[Machine], gpus: int
    ) -> Wait:
        alive = [machine for machine in machines if machine.is_alive]
        if alive:
            return _wait_at(request, reasons.WAITS_WHILE_DRAINED, alive)
        if gpus:
            return _wait_at(request, reasons.WAITS_FOR_GPU_HOST, machines)
        return Wait(run=request.run, reason=reasons.WAITS_FOR_WORKER())

    def _wait_for_gpus(self, request: ResourceRequest, machines: list[Machine]) -> Wait:
        """Return what blocks the GPUs: runs, the driver, an earlier run, or other processes."""
        answering = [machine for machine in machines if machine.driver_answers]
        if not answering:
            return _wait_at(request, reasons.WAITS_FOR_GPU_DRIVER, machines)
        roomy = [machine for machine in answering if self._unheld(request, machine) >= request.gpus]
        if not roomy:
            holders = [
                self._holders.get((machine.host, device.uuid))
                for machine in answering
                for device in _fitting(request, machine)
            ]
            return _wait_at(
                request, reasons.WAITS_FOR_GPU, answering, runs=holders, gpus=request.gpus
            )
        before = [
            self._kept[machine.host, device.uuid]
            for machine in roomy
            for device in _fitting(request, machine)
            if self._kept.get((machine.host, device.uuid), request.run) != request.run
        ]
        if before:
            return Wait(
                run=request.run,
                reason=reasons.WAITS_BEHIND_RUN(run=before[0]),
                runs=tuple(dict.fromkeys(before)),
            )
        mib = min(
            request.needed_mib(device) for machine in roomy for device in _fitting(request, machine)
        )
        return _wait_at(request, reasons.WAITS_FOR_GPU_MEMORY, roomy, mib=mib, gpus=request.gpus)

    def _unheld(self, request: ResourceRequest, machine: Machine) -> int:
        return sum(self._is_free(machine, device) for device in _fitting(request, machine))


def _able(request: ResourceRequest, machines: list[Machine]) -> list[Machine]:
    """Return those of the machines that could run it if they were empty.

    If none of them has GPUs, scripts run without. As soon as one has, it is waited for, even while
    it is down: training on the CPU of another machine is useless.
    """
    with_gpus = [machine for machine in machines if machine.has_gpus]
    if not request.gpus or not with_gpus:
        return machines
    return [machine for machine in with_gpus if _suffices(request, machine)]


def _suffices(request: ResourceRequest, machine: Machine) -> bool:
    """Return whether a machine has the GPUs that are requested, if it were empty."""
    if not machine.driver_answers:
        return True
    return len(_fitting(request, machine)) >= request.gpus


def _impossible(request: ResourceRequest) -> Wait:
    if request.memory_mib is None:
        return Wait(run=request.run, reason=reasons.NO_SUCH_HOST(gpus=request.gpus))
    return Wait(
        run=request.run, reason=reasons.NO_SUCH_GPU(gpus=request.gpus, mib=request.memory_mib)
    )


def _fitting(request: ResourceRequest, machine: Machine) -> list[Device]:
    return [device for device in machine.devices if request.fits(device)]


def _wait_at(
    request: ResourceRequest,
    reason: Text,
    machines: Sequence[Machine],
    *,
    runs: Iterable[int | None] = (),
    **values: Value,
) -> Wait:
    blockers = dict.fromkeys(run for run in runs if run is not None)
    hosts = ", ".join(machine.host for machine in machines)
    return Wait(run=request.run, reason=reason(host=hosts, **values), runs=tuple(blockers))

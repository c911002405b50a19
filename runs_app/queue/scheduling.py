"""The rules of the queue: who starts where, with which GPUs, and what the others wait for.

Pure: from what is queued and what the machines have, to decisions. The same rules choose what
starts and tell what everybody waits for, so what is shown is what is done. See
docs/decisions for why the free GPUs are kept for the first run that waits for some.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs_app.choices import StatusReason

# Of a GPU on which nobody knows how much is wanted, this much must be free.
UNKNOWN_SHARE = 0.7
# A run may need somewhat more than it ever did; but an empty GPU is always enough for what was
# measured on one of its kind.
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

    `driver_answers` is False where it has GPUs of which nobody knows what is free.
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
class Wish:
    """A queued run and what it wants; `memory_mib` on each GPU was said, `past_mib` measured.

    `host` is the machine that has its secret values, '' where it may run on any.
    """

    run: int
    directory: int
    overlap: bool = False
    gpus: int = 0
    memory_mib: int | None = None
    past_mib: int | None = None
    host: str = ""

    def fits(self, device: Device) -> bool:
        """Whether the device would do if nothing else were on it."""
        return self.needed_mib(device) <= device.total_mib

    def needed_mib(self, device: Device) -> int:
        """Return how much of the device must be free."""
        if self.memory_mib is not None:
            return self.memory_mib
        if self.past_mib is not None:
            return math.ceil(min(self.past_mib * PAST_FACTOR, device.total_mib * PAST_SHARE))
        return math.ceil(device.total_mib * UNKNOWN_SHARE)


@dataclass(frozen=True, kw_only=True)
class Start:
    """A run that may start now on `host`, with these GPUs."""

    run: int
    host: str
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What a run waits for; `runs` are those that block it, if runs do."""

    run: int
    reason: StatusReason
    values: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[int, ...] = ()


def decide(
    wishes: Iterable[Wish],
    machines: Sequence[Machine],
    *,
    users: Mapping[int, int],
    only: str | None = None,
) -> Iterator[Start | Wait]:
    """Yield a decision for every wish, in the order of the queue.

    `users` maps directories to the runs that have them for themselves. With `only` runs start
    on that machine alone; the others still say which machine a run should rather wait for.
    """
    table = _Table(machines, users, only)
    for wish in wishes:
        yield table.decide(wish)


class _Table:
    """What is left of the machines while the queue is gone through."""

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
        # Free GPUs that are kept for a run that waits for more.
        self._kept: dict[tuple[str, str], int] = {}

    def decide(self, wish: Wish) -> Start | Wait:
        blocker = None if wish.overlap else self._users.get(wish.directory)
        if blocker is not None:
            return Wait(
                run=wish.run,
                reason=StatusReason.WAITS_FOR_RUN,
                values={"run": blocker},
                runs=(blocker,),
            )
        machines = self._able(wish)
        if wish.host:
            machines = [machine for machine in machines if machine.host == wish.host]
            if not any(machine.is_alive for machine in machines):
                reason = StatusReason.WAITS_FOR_SECRETS
                return Wait(run=wish.run, reason=reason, values={"host": wish.host})
        gpus = wish.gpus if any(machine.has_gpus for machine in machines) else 0
        for machine in machines:
            if machine.takes_runs and self._only in {None, machine.host} and self._slots(machine):
                devices = self._choose(wish, machine) if gpus else ()
                if len(devices) == gpus:
                    return self._start(wish, machine, devices)
        if gpus:
            self._keep(wish, machines)
        return self._wait(wish, machines, gpus)

    def _able(self, wish: Wish) -> list[Machine]:
        """Return the machines that could run it if they were empty.

        Where no machine is known to have GPUs, scripts run without; as soon as one does, it is
        waited for, even while it is away: a training on the CPU of another helps nobody.
        """
        with_gpus = [machine for machine in self._machines if machine.has_gpus]
        if not wish.gpus or not with_gpus:
            return self._machines
        return [
            machine
            for machine in with_gpus
            if not machine.driver_answers or len(_fitting(wish, machine)) >= wish.gpus
        ]

    def _slots(self, machine: Machine) -> bool:
        return len(self._runs[machine.host]) < machine.slots

    def _is_free(self, machine: Machine, device: Device) -> bool:
        return (machine.host, device.uuid) not in self._holders

    def _choose(self, wish: Wish, machine: Machine) -> tuple[Device, ...]:
        """Return the best free GPUs for it, at most as many as it wants, by index.

        Where its need is known the smallest that suffice, which leaves the larger ones to others.
        """
        free = [
            device
            for device in _fitting(wish, machine)
            if self._is_free(machine, device)
            and wish.needed_mib(device) <= device.free_mib
            and self._kept.get((machine.host, device.uuid), wish.run) == wish.run
        ]
        is_known = wish.memory_mib is not None or wish.past_mib is not None
        free.sort(key=lambda one: (one.free_mib if is_known else -one.free_mib, one.index))
        return tuple(sorted(free[: wish.gpus], key=lambda one: one.index))

    def _start(self, wish: Wish, machine: Machine, devices: tuple[Device, ...]) -> Start:
        self._runs[machine.host].append(wish.run)
        self._holders |= {(machine.host, device.uuid): wish.run for device in devices}
        if not wish.overlap:
            self._users[wish.directory] = wish.run
        return Start(run=wish.run, host=machine.host, devices=devices)

    def _keep(self, wish: Wish, machines: list[Machine]) -> None:
        """Keep what is free of the machine with the most GPUs, or smaller runs would always pass.

        On one machine only: to hold GPUs of several for one run would leave them idle.
        """
        able = [one for one in machines if one.takes_runs and one.driver_answers]
        if able:
            machine = max(able, key=lambda one: len(_fitting(wish, one)))
            for device in self._choose(wish, machine):
                self._kept[machine.host, device.uuid] = wish.run

    def _wait(self, wish: Wish, machines: list[Machine], gpus: int) -> Wait:
        if not machines:
            return _impossible(wish)
        taking = [machine for machine in machines if machine.takes_runs]
        if not taking:
            return self._wait_for_worker(wish, machines, gpus)
        with_slot = [machine for machine in taking if self._slots(machine)]
        if not with_slot:
            runs = [run for machine in taking for run in self._runs[machine.host]]
            return _wait_at(wish, StatusReason.WAITS_FOR_SLOT, taking, runs=runs)
        if gpus:
            return self._wait_for_gpus(wish, with_slot)
        # It could start on another machine than the one that is asked here.
        return Wait(run=wish.run, reason=StatusReason.WAITS_FOR_WORKER)

    def _wait_for_worker(self, wish: Wish, machines: list[Machine], gpus: int) -> Wait:
        alive = [machine for machine in machines if machine.is_alive]
        if alive:
            return _wait_at(wish, StatusReason.WAITS_WHILE_DRAINED, alive)
        if gpus:
            return _wait_at(wish, StatusReason.WAITS_FOR_GPU_HOST, machines)
        return Wait(run=wish.run, reason=StatusReason.WAITS_FOR_WORKER)

    def _wait_for_gpus(self, wish: Wish, machines: list[Machine]) -> Wait:
        """Tell whether runs, the driver, a run before it, or strangers keep the GPUs."""
        answering = [machine for machine in machines if machine.driver_answers]
        if not answering:
            return _wait_at(wish, StatusReason.WAITS_FOR_GPU_DRIVER, machines)
        roomy = [machine for machine in answering if self._unheld(wish, machine) >= wish.gpus]
        if not roomy:
            holders = [
                self._holders.get((machine.host, device.uuid))
                for machine in answering
                for device in _fitting(wish, machine)
            ]
            return _wait_at(
                wish, StatusReason.WAITS_FOR_GPU, answering, runs=holders, gpus=wish.gpus
            )
        before = [
            self._kept[machine.host, device.uuid]
            for machine in roomy
            for device in _fitting(wish, machine)
            if self._kept.get((machine.host, device.uuid), wish.run) != wish.run
        ]
        if before:
            return Wait(
                run=wish.run,
                reason=StatusReason.WAITS_BEHIND_RUN,
                values={"run": before[0]},
                runs=tuple(dict.fromkeys(before)),
            )
        mib = min(wish.needed_mib(one) for machine in roomy for one in _fitting(wish, machine))
        return _wait_at(wish, StatusReason.WAITS_FOR_GPU_MEMORY, roomy, mib=mib, gpus=wish.gpus)

    def _unheld(self, wish: Wish, machine: Machine) -> int:
        return sum(self._is_free(machine, device) for device in _fitting(wish, machine))


def _impossible(wish: Wish) -> Wait:
    if wish.memory_mib is None:
        return Wait(run=wish.run, reason=StatusReason.NO_SUCH_HOST, values={"gpus": wish.gpus})
    values = {"gpus": wish.gpus, "mib": wish.memory_mib}
    return Wait(run=wish.run, reason=StatusReason.NO_SUCH_GPU, values=values)


def _fitting(wish: Wish, machine: Machine) -> list[Device]:
    return [device for device in machine.devices if wish.fits(device)]


def _wait_at(
    wish: Wish,
    reason: StatusReason,
    machines: Sequence[Machine],
    *,
    runs: Iterable[int | None] = (),
    **values: Any,
) -> Wait:
    blockers = dict.fromkeys(run for run in runs if run is not None)
    hosts = ", ".join(machine.host for machine in machines)
    return Wait(run=wish.run, reason=reason, values={"host": hosts, **values}, runs=tuple(blockers))

"""The rules of the queue, by examples: what is queued, what there is, what is decided."""

from __future__ import annotations

from typing import Any

import pytest

from runs_app.queue.scheduling import Device, Machine, ResourceRequest, Start, Wait, decide
from runs_app.texts import reasons


def machine(
    host: str = "a", *free_mib: int, holders: dict[int, int] | None = None, **facts: Any
) -> Machine:
    """A machine with GPUs of 24,000 MiB of which so much is free; `holders` by their index."""
    devices = tuple(
        Device(
            uuid=f"{host}{index}",
            index=index,
            name="RTX",
            total_mib=24_000,
            free_mib=free,
            holder=(holders or {}).get(index),
        )
        for index, free in enumerate(free_mib)
    )
    return Machine(host=host, devices=devices, **({"slots": 8} | facts))


def request(run: int, gpus: int = 0, **facts: Any) -> ResourceRequest:
    return ResourceRequest(run=run, gpus=gpus, **({"directory": run} | facts))


def reported(
    requests: list[ResourceRequest],
    *machines: Machine,
    users: dict[int, int] | None = None,
    only: str | None = None,
) -> list[Any]:
    """Starts as (run, host, indexes), waits as (run, reason, blocking runs)."""
    return [
        (item.run, item.host, [device.index for device in item.devices])
        if isinstance(item, Start)
        else (item.run, item.reason.code, list(item.runs))
        for item in decide(requests, machines, users=users or {}, only=only)
    ]


FREE = 24_000


def test_first_come_first_served_until_the_slots_are_full() -> None:
    assert reported([request(1), request(2), request(3)], machine(slots=2)) == [
        (1, "a", []),
        (2, "a", []),
        (3, reasons.WAITS_FOR_SLOT.code, [1, 2]),
    ]


def test_one_run_in_a_directory_unless_it_may_overlap() -> None:
    requests = [
        request(1, directory=7),
        request(2, directory=7),
        request(3, directory=7, overlap=True),
        request(4, directory=8),
    ]
    assert reported(requests, machine(), users={8: 99}) == [
        (1, "a", []),
        (2, reasons.WAITS_FOR_RUN.code, [1]),
        (3, "a", []),
        (4, reasons.WAITS_FOR_RUN.code, [99]),
    ]


def test_each_run_gets_gpus_of_its_own() -> None:
    requests = [request(1, 1), request(2, 2), request(3, 1), request(4, 1)]
    assert reported(requests, machine("a", FREE, FREE, FREE, FREE)) == [
        (1, "a", [0]),
        (2, "a", [1, 2]),
        (3, "a", [3]),
        (4, reasons.WAITS_FOR_GPU.code, [1, 2, 3]),
    ]


def test_no_machine_has_gpus_so_scripts_run_without() -> None:
    assert reported([request(1, 4)], machine()) == [(1, "a", [])]


@pytest.mark.parametrize("gpu_host", [{}, {"is_alive": False}, {"is_drained": True}])
def test_a_machine_without_gpus_leaves_trainings_to_the_one_that_has_some(
    gpu_host: dict[str, Any],
) -> None:
    cpu, gpu = machine("cpu"), machine("gpu", FREE, **gpu_host)
    [decided] = decide([request(1, 1)], [cpu, gpu], users={}, only="cpu")
    assert isinstance(decided, Wait)
    assert reported([request(1)], cpu, gpu, only="cpu") == [(1, "cpu", [])]


def test_a_big_run_is_not_passed_by_small_ones_for_ever() -> None:
    four = machine("a", FREE, FREE, FREE, FREE, holders={0: 91, 1: 92})
    assert reported([request(1, 4), request(2, 1), request(3, 0)], four) == [
        (1, reasons.WAITS_FOR_GPU.code, [91, 92]),
        (2, reasons.WAITS_BEHIND_RUN.code, [1]),
        (3, "a", []),
    ]


def test_what_the_big_run_cannot_use_is_not_kept_for_it() -> None:
    small = Device(uuid="s", index=2, name="GTX", total_mib=8_000, free_mib=8_000)
    mixed = machine("a", FREE, FREE, holders={0: 91})
    mixed = Machine(host="a", slots=8, devices=(*mixed.devices, small))
    requests = [request(1, 2, memory_mib=20_000), request(2, 1, memory_mib=4_000), request(3, 1)]
    assert reported(requests, mixed) == [
        (1, reasons.WAITS_FOR_GPU.code, [91]),
        (2, "a", [2]),
        (3, reasons.WAITS_BEHIND_RUN.code, [1]),
    ]


def test_gpus_are_kept_on_one_machine_only() -> None:
    big = machine("big", FREE, FREE, FREE, FREE, holders={0: 91, 1: 92, 2: 93})
    small = machine("small", FREE, FREE, holders={0: 94})
    assert reported([request(1, 2), request(2, 1), request(3, 1)], big, small) == [
        (1, reasons.WAITS_FOR_GPU.code, [91, 92, 93, 94]),
        (2, "small", [1]),
        (3, reasons.WAITS_BEHIND_RUN.code, [1]),
    ]


def test_a_request_that_no_machine_can_meet_holds_nothing_back() -> None:
    item = machine("a", FREE)
    assert reported([request(1, 2), request(2, 1, memory_mib=40_000), request(3, 1)], item) == [
        (1, reasons.NO_SUCH_HOST.code, []),
        (2, reasons.NO_SUCH_GPU.code, []),
        (3, "a", [0]),
    ]


@pytest.mark.parametrize(
    ("known", "free_mib", "starts"),
    [
        ({}, 24_000, True),  # an empty GPU
        ({}, 17_000, True),  # a desktop and a small service beside
        ({}, 16_000, False),  # somebody else's training
        ({"memory_mib": 8_000}, 8_000, True),  # said by a person, and taken at the word
        ({"memory_mib": 8_000}, 7_999, False),
        ({"memory_mib": 0}, 0, True),
        ({"past_mib": 10_000}, 11_000, True),  # measured, and a tenth more
        ({"past_mib": 10_000}, 10_900, False),
        ({"past_mib": 24_000}, 21_600, True),  # it took all there was, as some frameworks do
        ({"memory_mib": 4_000, "past_mib": 20_000}, 4_000, True),  # a person knows better
    ],
)
def test_other_processes_on_a_gpu_count(known: dict[str, int], free_mib: int, starts: bool) -> None:
    decided = reported([request(1, 1, **known)], machine("a", free_mib))
    assert decided == [(1, "a", [0]) if starts else (1, reasons.WAITS_FOR_GPU_MEMORY.code, [])]


def test_of_several_gpus_the_emptiest_or_the_smallest_that_suffices() -> None:
    three = machine("a", 20_000, 24_000, 9_000)
    assert reported([request(1, 1)], three) == [(1, "a", [1])]
    assert reported([request(1, 1, memory_mib=8_000)], three) == [(1, "a", [2])]


def test_a_drained_machine_ends_what_it_has_and_takes_no_more() -> None:
    drained = machine("a", is_drained=True, runs=(5,))
    assert reported([request(1)], drained) == [(1, reasons.WAITS_WHILE_DRAINED.code, [])]
    assert reported([request(1)], drained, machine("b")) == [(1, "b", [])]


def test_a_driver_that_does_not_answer_stops_only_what_wants_gpus() -> None:
    mute = machine("a", driver_answers=False)
    assert reported([request(1, 1), request(2)], mute) == [
        (1, reasons.WAITS_FOR_GPU_DRIVER.code, []),
        (2, "a", []),
    ]


def test_without_workers_nothing_starts() -> None:
    assert reported([request(1)], machine("a", is_alive=False)) == [
        (1, reasons.WAITS_FOR_WORKER.code, [])
    ]
    assert reported([request(1, 1)], machine("a", FREE, is_alive=False)) == [
        (1, reasons.WAITS_FOR_GPU_HOST.code, [])
    ]


def test_a_slot_is_as_good_on_any_machine() -> None:
    full, free = machine("a", slots=1, runs=(8,)), machine("b", slots=1)
    assert reported([request(1), request(2)], full, free) == [
        (1, "b", []),
        (2, reasons.WAITS_FOR_SLOT.code, [8, 1]),
    ]
    assert reported([request(1)], full, free, only="a") == [(1, reasons.WAITS_FOR_WORKER.code, [])]


def test_a_run_with_secrets_is_started_where_they_are() -> None:
    here = request(1, host="b")
    assert reported([here], machine("a"), machine("b")) == [(1, "b", [])]
    assert reported([here], machine("a"), machine("b"), only="a") == [
        (1, reasons.WAITS_FOR_WORKER.code, [])
    ]
    for others in ([machine("a")], [machine("a"), machine("b", is_alive=False)]):
        [wait] = decide([here], others, users={})
        assert isinstance(wait, Wait)
        assert wait.reason == reasons.WAITS_FOR_SECRETS(host="b")


def test_a_run_with_secrets_waits_for_gpus_of_its_own_machine() -> None:
    here = request(1, gpus=1, host="b")
    assert reported([here], machine("a", 24_000), machine("b", 24_000)) == [(1, "b", [0])]
    taken = machine("b", 24_000, runs=(9,), holders={0: 9})
    assert reported([here], machine("a", 24_000), taken) == [(1, reasons.WAITS_FOR_GPU.code, [9])]


@pytest.mark.parametrize("there", [machine("cpu"), machine("cpu", 8_000)])
def test_a_run_that_needs_gpus_where_there_are_none_says_so(there: Machine) -> None:
    """Its files are there, so it does not wait for the worker that is alive."""
    others = [there, machine("gpu", 24_000, 24_000)]
    bound = request(1, gpus=2, host="cpu")
    [wait] = decide([bound], others, users={})
    assert isinstance(wait, Wait)
    assert wait.reason == reasons.NO_GPUS_THERE(gpus=2, host="cpu")
    assert reported([request(1, gpus=0, host="cpu")], *others) == [(1, "cpu", [])]
    assert reported([bound], machine("cpu"), machine("other")) == [(1, "cpu", [])]


def test_a_wait_names_what_it_is_for() -> None:
    [wait] = decide([request(1, 2)], [machine("a", 100, 100)], users={})
    assert isinstance(wait, Wait)
    assert wait.reason.values == {"host": "a", "gpus": 2, "mib": 16_800}

"""A clock that jumped makes everything look old, so nothing is removed by its age at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.system.steady_clock import (
    JUMP_S,
    LONGEST_OFF_S,
    Now,
    has_been_steady,
    now,
)

HOUR_S = 3600.0
YEAR_S = 365 * 24 * HOUR_S


class Machine:
    """A machine whose clock and time since the boot go as told; the portal looks every hour."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "clock.json"
        self.moment = Now(clock_s=1.8e9, uptime_s=60, boot="first")

    def runs(self, hours: float) -> bool:
        """Let time pass; return whether the clock has been steady at its end."""
        is_steady = has_been_steady(self.record, self.moment)
        for _ in range(int(hours)):
            self.moment = Now(
                clock_s=self.moment.clock_s + HOUR_S,
                uptime_s=self.moment.uptime_s + HOUR_S,
                boot=self.moment.boot,
            )
            is_steady = has_been_steady(self.record, self.moment)
        return is_steady

    def jumps(self, seconds: float) -> None:
        clock_s = self.moment.clock_s + seconds
        self.moment = Now(clock_s=clock_s, uptime_s=self.moment.uptime_s, boot=self.moment.boot)

    def boots(self, *, after_s: float) -> None:
        clock_s = self.moment.clock_s + after_s
        self.moment = Now(clock_s=clock_s, uptime_s=30, boot=f"{self.moment.boot}+")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_clock_is_trusted_after_a_day(machine: Machine) -> None:
    assert not machine.runs(hours=23)
    assert machine.runs(hours=2)


@pytest.mark.parametrize("jump_s", [20 * YEAR_S, 2 * HOUR_S, -2 * HOUR_S, -20 * YEAR_S])
def test_a_jump_makes_it_wait_for_another_day(machine: Machine, jump_s: float) -> None:
    assert machine.runs(hours=30)
    machine.jumps(jump_s)
    assert not machine.runs(hours=22)
    assert machine.runs(hours=3)


def test_a_small_correction_is_no_jump(machine: Machine) -> None:
    machine.runs(hours=30)
    machine.jumps(JUMP_S / 2)
    assert machine.runs(hours=0)


@pytest.mark.parametrize(
    ("off_s", "trusted"),
    [
        (60, True),
        (LONGEST_OFF_S - HOUR_S, True),
        (LONGEST_OFF_S + HOUR_S, False),
        (20 * YEAR_S, False),
        (-HOUR_S, False),
    ],
)
def test_a_boot_is_trusted_if_the_machine_was_off_for_a_short_time(
    machine: Machine, off_s: float, trusted: bool
) -> None:
    machine.runs(hours=30)
    machine.boots(after_s=off_s)
    assert machine.runs(hours=0) is trusted
    assert machine.runs(hours=25)


def test_a_machine_that_is_off_every_night_adds_up_its_days(machine: Machine) -> None:
    for _night in range(2):
        assert not machine.runs(hours=9)
        machine.boots(after_s=15 * HOUR_S)
    assert machine.runs(hours=9)


def test_a_record_that_is_spoilt_or_cannot_be_written_is_no_proof(machine: Machine) -> None:
    machine.runs(hours=30)
    machine.record.write_text('{"clock_s": "yesterday"}')
    assert not machine.runs(hours=0)
    machine.record = machine.record.parent / "missing" / "clock.json"
    assert not machine.runs(hours=30)


def test_this_machine_has_a_clock() -> None:
    first, second = now(), now()
    assert first.boot == second.boot
    assert second.uptime_s >= first.uptime_s > 0

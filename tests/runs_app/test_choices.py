"""The states of a run and the changes between them."""

from __future__ import annotations

import pytest

from runs_app.choices import ACTIVE, ON_HOST, TERMINAL, TRANSITIONS, RunStatus

QUEUED, STARTING, RUNNING = RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING
FINALIZING = RunStatus.FINALIZING


def test_every_state_is_either_active_or_terminal() -> None:
    assert set(RunStatus) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL
    assert ON_HOST < ACTIVE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (QUEUED, {STARTING, RunStatus.CANCELLED, RunStatus.ERRORED}),
        (STARTING, {RUNNING, QUEUED, FINALIZING}),
        (RUNNING, {FINALIZING}),
        (FINALIZING, set(TERMINAL)),
    ],
)
def test_an_active_run_goes_only_to(before: RunStatus, after: set[RunStatus]) -> None:
    assert TRANSITIONS[before] == after


@pytest.mark.parametrize("status", sorted(TERMINAL - {RunStatus.LOST}))
def test_terminal_states_are_final(status: RunStatus) -> None:
    assert status not in TRANSITIONS


def test_a_lost_run_is_corrected_by_ending_it_again() -> None:
    assert TRANSITIONS[RunStatus.LOST] == {FINALIZING}

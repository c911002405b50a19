"""The process that tells MLflow: it waits for more runs, and ends when there are none."""

from __future__ import annotations

import pytest

from registry_app.models import Experiment
from runs_app.choices import MlflowState
from runs_app.models import Run
from runs_app.tracking import sender
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.usefixtures("mlflow"),
]


class Clock:
    """Time that passes only while the sender waits; a run ends in the middle of a wait."""

    def __init__(self, experiment: Experiment, *, run_ends_at_s: float) -> None:
        self.now_s = 0.0
        self._experiment, self._run_ends_at_s = experiment, run_ends_at_s

    def wait(self, seconds: float) -> None:
        before_s, self.now_s = self.now_s, self.now_s + seconds
        if before_s < self._run_ends_at_s <= self.now_s:
            run_to_end(self._experiment)


def test_runs_are_sent_as_they_end_until_there_was_none_for_a_while(home: Home) -> None:
    experiment = home.experiment()
    run_to_end(experiment)
    clock = Clock(experiment, run_ends_at_s=sender.IDLE_LIMIT_S - 1)
    sender.serve(wait=clock.wait, now_s=lambda: clock.now_s)
    assert [run.mlflow_state for run in Run.objects.all()] == [MlflowState.SENT] * 2
    assert clock.now_s >= 2 * sender.IDLE_LIMIT_S - 1


def test_a_sender_gives_its_memory_back_after_many_runs(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "MAX_SENT", 1)
    experiment = home.experiment()
    run_to_end(experiment)
    clock = Clock(experiment, run_ends_at_s=0)
    sender.serve(wait=clock.wait, now_s=lambda: clock.now_s)
    assert clock.now_s == sender.POLL_S

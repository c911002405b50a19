"""Who waits, in which order."""

from __future__ import annotations

from runs_app.choices import RunStatus
from runs_app.overview.queue import running, waiting_runs
from tests.runs_app.overview.facts import run, standing


def test_runs_wait_by_priority_then_in_order_of_arrival() -> None:
    first, second, urgent = (run(RunStatus.QUEUED, priority=item) for item in (0, 0, 5))
    typed = run(RunStatus.QUEUED, foreground=True)
    every = [
        standing(name="ppe", active=(second, typed, run(RunStatus.RUNNING))),
        standing(name="bct", active=(urgent, first)),
    ]
    found = [(item.run.pk, item.experiment, item.place) for item in waiting_runs(every)]
    assert found == [
        (urgent.pk, "bct", 1),
        (first.pk, "bct", 2),
        (second.pk, "ppe", 3),
        (typed.pk, "ppe", None),
    ]
    assert running(every) == 1

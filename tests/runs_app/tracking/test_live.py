"""A running script is seen in MLflow, and its end adds nothing twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState, RunStatus
from runs_app.models import Run
from runs_app.tracking import live, outbox, store
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, start
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.usefixtures("mlflow"),
]

# Writes an epoch each time a file asks for it, and ends when told.
SCRIPT = """\
import os, time
out = open("results.csv", "w")
out.write("epoch,loss\\n"); out.flush()
done = 0
while not os.path.exists("stop"):
    while done < len([one for one in os.listdir() if one.startswith("go")]):
        done += 1
        out.write(f"{done},{1 / done}\\n"); out.flush()
        print("epoch", done, flush=True)
    time.sleep(0.02)
"""


class Stage:
    """One running script, followed by a watch whose clock the test sets."""

    def __init__(self, home: Home) -> None:
        self.clock_s = 1000.0
        self.run = queue(home.experiment(script=SCRIPT))
        assert start(self.run)
        reach(self.run, RunStatus.RUNNING)
        Run.objects.filter(pk=self.run.pk).update(
            started_at=timezone.now() - timedelta(seconds=live.AFTER_S)
        )
        self.watch = self.new_watch()

    def new_watch(self) -> live.Watch:
        return live.Watch(django_settings.GUARDIANFLOW_HOST, now_s=lambda: self.clock_s)

    def epochs(self, number: int) -> None:
        """Let the script write so many epochs, and wait until it has."""
        for item in range(1, number + 1):
            (Path(self.run.cwd) / f"go{item}").touch()
        table = Path(self.run.cwd) / "results.csv"
        wait_until(
            lambda: table.exists() and len(table.read_text().splitlines()) == number + 1,
            what=f"{number} epochs are written",
        )

    def look(self, *, later_s: float = live.FIND_EVERY_S) -> int:
        self.clock_s += later_s
        return self.watch.look()

    def end(self) -> Run:
        (Path(self.run.cwd) / "stop").touch()
        return end(self.run)

    def stored(self) -> list[Any]:
        client = store.client()
        return list(
            client.search_runs(
                [experiment.experiment_id for experiment in client.search_experiments()],
                filter_string=f"tags.`guardianflow.run_id` = '{self.run.uuid}'",
            )
        )

    def history(self) -> list[tuple[int, float, int]]:
        self.run.refresh_from_db()
        points = store.client().get_metric_history(self.run.mlflow_run_id, "loss")
        return sorted((point.step, point.value, point.timestamp) for point in points)


@pytest.fixture
def stage(home: Home) -> Stage:
    return Stage(home)


def test_a_running_script_is_seen_and_its_end_repeats_nothing(stage: Stage) -> None:
    stage.epochs(2)
    assert stage.look() == 1
    [found] = stage.stored()
    assert (found.info.status, found.data.tags["guardianflow.status"]) == ("RUNNING", "running")
    first = stage.history()
    assert [(step, value) for step, value, _time in first] == [(1, 1.0), (2, 0.5)]
    stage.epochs(4)
    stage.look()
    seen = stage.history()
    assert seen[:2] == first
    run = stage.end()
    assert run.mlflow_state == MlflowState.PENDING
    assert outbox.send(run.pk)
    [found] = stage.stored()
    assert found.info.status == "FINISHED"
    assert found.data.tags["guardianflow.status"] == "succeeded"
    assert stage.history() == seen


def test_points_go_in_batches(stage: Stage) -> None:
    stage.epochs(1)
    stage.look()
    stage.epochs(2)
    stage.look(later_s=live.SEND_EVERY_S / 2)
    assert len(stage.history()) == 1
    stage.look(later_s=live.SEND_EVERY_S / 2)
    assert len(stage.history()) == 2
    stage.end()


def test_a_follower_that_was_killed_is_followed_by_one_that_repeats_nothing(stage: Stage) -> None:
    stage.epochs(2)
    stage.look()
    seen = stage.history()
    stage.watch = stage.new_watch()
    stage.epochs(3)
    stage.look()
    assert stage.history()[:2] == seen
    assert len(stage.history()) == 3
    assert len(stage.stored()) == 1
    stage.end()


def test_mlflow_being_away_delays_nothing_and_is_caught_up(
    stage: Stage, settings: Settings, home: Home
) -> None:
    here = settings.MLFLOW_TRACKING_URI
    settings.MLFLOW_TRACKING_URI = "http://127.0.0.1:9"
    store.client.cache_clear()
    stage.epochs(2)
    stage.look()
    assert (stage.run.folder / "live.jsonl").exists()
    settings.MLFLOW_TRACKING_URI = here
    store.client.cache_clear()
    stage.look(later_s=live.FIRST_WAIT_S / 2)
    assert stage.stored() == []
    stage.look(later_s=live.FIRST_WAIT_S)
    assert len(stage.history()) == 2
    run = stage.end()
    assert outbox.send(run.pk)
    assert len(stage.history()) == 2


def test_a_run_that_was_deleted_in_mlflow_stays_deleted(stage: Stage) -> None:
    stage.epochs(1)
    stage.look()
    stage.run.refresh_from_db()
    store.client().delete_run(stage.run.mlflow_run_id)
    stage.watch = stage.new_watch()
    stage.epochs(2)
    stage.look()
    assert stage.stored() == []
    run = stage.end()
    assert outbox.send(run.pk)
    assert stage.stored() == []


def test_a_short_run_is_not_followed(home: Home) -> None:
    run = queue(home.experiment(script=SCRIPT))
    assert start(run)
    reach(run, RunStatus.RUNNING)
    assert not live.followed(django_settings.GUARDIANFLOW_HOST).exists()
    (Path(run.cwd) / "stop").touch()
    end(run)


def test_a_run_in_trouble_holds_up_no_other(stage: Stage) -> None:
    (stage.run.folder / "manifest-before.jsonl").rename(stage.run.folder / "aside")
    assert stage.look() == 1
    (stage.run.folder / "aside").rename(stage.run.folder / "manifest-before.jsonl")
    stage.epochs(1)
    stage.look()
    assert len(stage.history()) == 1
    stage.end()


def test_following_ends_when_there_has_been_nothing_for_a_while(home: Home) -> None:
    clock_s = [0.0]

    def wait(seconds: float) -> None:
        clock_s[0] += seconds

    live.follow("nobody", wait=wait, now_s=lambda: clock_s[0])
    assert clock_s[0] >= live.IDLE_LIMIT_S

"""The database is locked or gone while a worker works and scripts end."""

from __future__ import annotations

import os
import time

import pytest

from runs_app.choices import RunStatus
from tests.faults.stage import Stage
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults]

# Longer than a writer waits for a locked file (20 s); .ci/run takes the whole minute.
OUTAGE_S = float(os.environ.get("FAULTS_OUTAGE_S", "24"))


def test_the_database_is_away_while_a_script_ends(stage: Stage) -> None:
    worker = stage.start_worker()
    running = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    waiting = stage.queue()
    until = time.monotonic() + OUTAGE_S
    with stage.database.outage():
        stage.go.touch()
        wait_until((running.folder / "exit.json").exists, what="the script ends")
        wait_until(lambda: time.monotonic() > until, what="the outage ends", limit_s=120)
        assert worker.poll() is None, stage.said
    for run in (running, waiting):
        stage.check_success(stage.end(run, by="worker"))
    assert running.finished_at is not None
    assert waiting.started_at is not None
    assert running.finished_at <= waiting.started_at

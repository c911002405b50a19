"""The database is locked or gone while a worker works and scripts end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from runs_app.choices import RunStatus
from tests.faults.conftest import TEMPLATE
from tests.faults.databases import make_postgres
from tests.faults.stage import Stage
from tests.postgres import Server, running_server
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults, pytest.mark.first]

# Longer than a writer waits for a locked file (20 s); .ci/run takes the whole minute.
OUTAGE_S = float(os.environ.get("FAULTS_OUTAGE_S", "24"))


@pytest.fixture(scope="module")
def postgres_server(django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """A server of its own, for it is stopped while other tests work with the shared one."""
    with running_server() as server:
        with django_db_blocker.unblock():
            make_postgres(server, TEMPLATE)
        yield server


@pytest.mark.proof
def test_the_database_is_away_while_a_script_ends(stage: Stage) -> None:
    worker = stage.start_worker()
    running = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    waiting = stage.queue()
    until = time.monotonic() + OUTAGE_S
    with stage.database.outage():
        stage.go.touch()
        wait_until((running.folder / "exit.json").exists, what="the script ends")
        wait_until(lambda: time.monotonic() > until, what="the outage ends")
        assert worker.poll() is None, stage.output
    for run in (running, waiting):
        stage.check_success(stage.end(run, by="worker"))
    assert running.finished_at is not None
    assert waiting.started_at is not None
    assert running.finished_at <= waiting.started_at

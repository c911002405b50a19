"""The worker with real processes; `tests/faults` has more of what dies under it, and stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import psutil
import pytest
from django_q.models import OrmQ

from registry_app.models import ScanJob
from runs_app.choices import RunStatus
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import HostHeartbeat, Run
from tests.processes import alive, below, command_of, has_loaded
from tests.runs_app.conftest import Home, Portal
from tests.waiting import LIMIT_S, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

STEPS = """\
import os, time
print("started", os.getpid(), flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.05)
print("ended", flush=True)
open("results.json", "w").write('{"accuracy": 0.9}')
"""


# A worker as it is, but that it waits less long for a sign of life.
IMPATIENT = """\
import django
django.setup()
from django.core.management import execute_from_command_line
from runs_app.worker import parent
parent.SILENT_S = 20
execute_from_command_line(["manage.py", "worker"])
"""


class Stage:
    """A worker, its log, and a script that continues on request."""

    def __init__(self, home: Home, portal: Portal, tmp_path: Path) -> None:
        self.home, self.portal = home, portal
        self.log, self.go = tmp_path / "worker.log", tmp_path / "go"

    def start_worker(self) -> subprocess.Popen[bytes]:
        HostHeartbeat.objects.all().delete()
        worker = self.portal.start_worker(self.log)
        wait_until(
            lambda: HostHeartbeat.objects.exists() and len(below(worker.pid)) >= 7,
            what=lambda: f"the worker is up: {self.log.read_text()}",
        )
        return worker

    def queue(self) -> Run:
        experiment = self.home.experiment(script=STEPS)
        return submit(RunRequest(experiment=experiment, type="train"), user=None)

    def reach(self, run: Run, status: RunStatus) -> Run:
        def look() -> bool:
            run.refresh_from_db()
            return run.status == status

        wait_until(
            look,
            what=lambda: (
                f"run {run.pk} is {status}, not {run.status} ({run.reason_code}); "
                f"the worker said {self.log.read_text()}"
            ),
        )
        return run

    def succeed(self, run: Run) -> None:
        """Let the script go on; the run must then end well, with a whole log, once."""
        self.go.touch()
        self.reach(run, RunStatus.SUCCEEDED)
        lines = (run.folder / "stdout.log").read_text().splitlines()
        assert [line.split()[0] for line in lines] == ["started", "ended"]
        assert (run.launches, run.files.count()) == (1, 1)

    def script_pid(self, run: Run) -> int:
        log = run.folder / "stdout.log"
        line = wait_until(lambda: log.exists() and log.read_text(), what="the script started")
        return int(str(line).split()[1])


@pytest.fixture
def stage(home: Home, portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("GO", str(tmp_path / "go"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    return Stage(home, portal, tmp_path)


def importers(processes: list[psutil.Process]) -> set[str]:
    """Return the commands that have imported MLflow, which brings pandas along."""
    importing = [command_of(part) for part in processes if has_loaded(part, "pandas")]
    return {command[3] for command in importing if command}


def test_a_queued_run_is_started_and_closed_and_a_stopped_worker_leaves_nothing(
    stage: Stage,
) -> None:
    worker = stage.start_worker()
    run = stage.queue()
    stage.succeed(run)
    children = below(worker.pid)
    worker.terminate()
    assert worker.wait(LIMIT_S) == 0
    wait_until(lambda: not alive(children), what="every process of the worker ends")
    assert not (stage.home.path / "worker.sock").exists()


def test_one_worker_per_home(stage: Stage) -> None:
    stage.start_worker()
    second = stage.portal.run("worker")
    assert second.returncode == 2
    assert b"stop that one first" in second.stderr


@pytest.mark.mlflow
def test_the_script_survives_the_death_of_everything_above_it(
    stage: Stage, mlflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", stage.home.store)
    worker = stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING)
    children = below(worker.pid)
    worker.kill()
    worker.wait()
    wait_until(lambda: not alive(children), what="the worker's processes die with it")
    assert psutil.pid_exists(stage.script_pid(run))

    worker = stage.start_worker()
    stage.succeed(run)

    def is_sent() -> bool:
        run.refresh_from_db()
        return run.mlflow_state == "sent"

    wait_until(is_sent, what=f"MLflow has the run; the worker said {stage.log.read_text()}")
    assert importers(below(worker.pid)) == {"send_runs"}
    from runs_app.tracking import store

    found = store.client().search_runs(
        [run.mlflow_experiment_id],
        filter_string=f"tags.`guardianflow.run_id` = '{run.uuid}'",
    )
    assert [item.info.status for item in found] == ["FINISHED"]


@pytest.mark.proof
def test_a_run_is_cancelled_from_the_command_line(stage: Stage) -> None:
    stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING)
    stage.script_pid(run)  # an interpreter that still comes up ends with a status of its own
    assert stage.portal.run("cancel_run", str(run.pk)).returncode == 0
    stage.reach(run, RunStatus.CANCELLED)
    shown = json.loads(stage.portal.run("show_run", str(run.pk), "--json").stdout)
    assert (shown["status"], shown["exit_code"]) == ("cancelled", 130)


@pytest.mark.proof
def test_a_scan_is_done_although_its_message_was_lost(stage: Stage) -> None:
    stage.home.experiment(script=STEPS)
    job = ScanJob.objects.create()
    OrmQ.objects.all().delete()
    stage.start_worker()

    def ended() -> bool:
        job.refresh_from_db()
        return job.finished_at is not None

    wait_until(ended, what=f"the scan ends; the worker said {stage.log.read_text()}")
    assert (job.error, job.summary["experiments"]) == (None, 1)


@pytest.mark.proof
def test_a_ticker_that_was_stopped_is_replaced(
    home: Home, portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(home, portal, tmp_path)
    monkeypatch.setenv("GO", str(stage.go))
    worker = portal.start_program("-c", IMPATIENT)

    def ticker() -> psutil.Process | None:
        for part in psutil.Process(worker.pid).children():
            if "ticker" in command_of(part):
                return part
        return None

    first = wait_until(ticker, what="the ticker is there")
    wait_until(HostHeartbeat.objects.exists, what="it ticks")
    first.suspend()
    wait_until(lambda: (found := ticker()) is not None and found != first, what="another is there")
    assert not first.is_running()
    stage.go.touch()
    run = stage.queue()
    stage.reach(run, RunStatus.SUCCEEDED)

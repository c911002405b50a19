"""A real MLflow server goes away at the start, in the middle, at the end, and for an hour."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from _pytest.mark import ParameterSet
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState, RunStatus
from runs_app.models import Run
from runs_app.models.querysets import MAX_MLFLOW_WAIT_S
from runs_app.records.epoch import milliseconds
from runs_app.tracking import store
from tests.faults.gate import Gate, standing
from tests.faults.stage import FIRST, LAST, Stage
from tests.portal.processes import free_port, status_of
from tests.waiting import LIMIT_S, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.faults,
    pytest.mark.mlflow,
]

TRAINS = f"""\
import csv, os, time
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
print({FIRST!r}, flush=True)
with open("results.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["epoch", "metrics/mAP50(B)"])
    for epoch in range(1, 6):
        rows.writerow([epoch, epoch / 10])
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
print({LAST!r}, flush=True)
"""


def _proof(value: object) -> ParameterSet:
    """A case in between, which only CI tries."""
    return pytest.param(value, marks=pytest.mark.proof)


@pytest.fixture(scope="session")
def server_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One MLflow server for all cases of this process."""
    folder, port = tmp_path_factory.mktemp("mlflow-server"), free_port()
    argv = [
        *("server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.sqlite3'}"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *argv],
            cwd=folder,
            env=kept | quiet,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: status_of(f"http://127.0.0.1:{port}/health") == 200,
            what=(folder / "log").read_text,
        )
        yield port
    finally:
        os.killpg(server.pid, 9)
        server.wait()


@pytest.fixture
def gate(
    stage: Stage, server_port: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gate]:
    with standing(server_port) as gate:
        settings.MLFLOW_TRACKING_URI = gate.address
        monkeypatch.setattr(store, "PROBE_TIMEOUT_S", LIMIT_S)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", gate.address)
        store.client.cache_clear()
        with warnings.catch_warnings(action="ignore"):  # of MLflow's own code
            yield gate
        store.client.cache_clear()


class Clock:
    """The portal's clock, put forward by the test: a wait of an hour costs nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = timedelta()
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + self._ahead)

    def go_on(self, seconds: float) -> datetime:
        self._ahead += timedelta(seconds=seconds)
        return timezone.now()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def is_sent(run: Run) -> bool:
    run.refresh_from_db()
    return run.mlflow_state == MlflowState.SENT


def send_at_last(stage: Stage, clock: Clock, *runs: Run) -> None:
    """Let time pass until MLflow knows these runs; within two of the longest waits it must."""
    until = clock.go_on(0) + timedelta(seconds=2 * MAX_MLFLOW_WAIT_S)
    while not all(is_sent(run) for run in runs):
        assert clock.go_on(60) < until, [run.mlflow_error for run in runs]
        stage.tick()


def check_in_mlflow(run: Run) -> None:
    """MLflow has the run once, whole, with the script's own times."""
    client = store.client()
    run.refresh_from_db()
    found = client.search_runs(
        [run.mlflow_experiment_id], filter_string=f"tags.`guardianflow.run_id` = '{run.uuid}'"
    )
    [item] = [each for each in found if "mlflow.parentRunId" not in each.data.tags]
    assert run.started_at is not None
    assert run.finished_at is not None
    assert item.info.run_id == run.mlflow_run_id
    assert item.info.status == "FINISHED"
    assert item.info.start_time == milliseconds(run.started_at)
    assert item.info.end_time == milliseconds(run.finished_at)
    [key] = [key for key in item.data.metrics if "mAP50" in key]
    history = client.get_metric_history(item.info.run_id, key)
    points = [(point.step, point.value) for point in history]
    assert sorted(points) == [(epoch, epoch / 10) for epoch in range(1, 6)], "each point once"
    logs = {file.path for file in client.list_artifacts(item.info.run_id, "logs")}
    assert "logs/stdout.log" in logs


@pytest.mark.parametrize("away", [_proof("start"), _proof("middle"), "end"])
def test_mlflow_is_away(stage: Stage, gate: Gate, clock: Clock, away: str) -> None:
    if away == "start":
        gate.shut()
    run = stage.start(stage.queue(script=TRAINS))
    stage.tick()
    if away == "middle":
        gate.shut()
        stage.tick()
    if away != "end":
        gate.open()
        stage.tick()
    else:
        gate.shut()
    stage.go.touch()
    stage.end(run)
    stage.check(run, RunStatus.SUCCEEDED, exit_code=0, lines=[FIRST, LAST])
    if away == "end":
        assert not is_sent(run)
        assert "MLflow does not respond" in str(run.mlflow_error)
        gate.open()
    send_at_last(stage, clock, run)
    check_in_mlflow(run)


@pytest.mark.parametrize("answers", [1, _proof(3), _proof(6), 12])
def test_mlflow_goes_away_while_it_is_sent(
    stage: Stage, gate: Gate, clock: Clock, answers: int
) -> None:
    gate.shut()
    run = stage.start(stage.queue(script=TRAINS))
    stage.go.touch()
    stage.end(run)
    gate.open(answers=answers)
    clock.go_on(MAX_MLFLOW_WAIT_S)
    stage.tick()
    assert not is_sent(run), "the gate shut before MLflow knew all"
    gate.open()
    send_at_last(stage, clock, run)
    stage.check(run, RunStatus.SUCCEEDED, exit_code=0, lines=[FIRST, LAST])
    check_in_mlflow(run)


@pytest.mark.proof
def test_mlflow_is_away_for_an_hour(stage: Stage, gate: Gate, clock: Clock) -> None:
    """Runs end meanwhile as ever; one question at a time is asked, ever more seldom."""
    gate.shut()
    runs = []
    stage.go.touch()
    for name in ("bct", "ppe", "fire", "fall"):
        run = stage.end(stage.queue(name, script=TRAINS))
        stage.check(run, RunStatus.SUCCEEDED, exit_code=0, lines=[FIRST, LAST])
        runs.append(run)
    before = gate.knocks
    for _ in range(60):
        clock.go_on(60)
        stage.tick()
    assert 1 <= gate.knocks - before <= 12, "one cheap probe per round of waiting"
    assert not any(is_sent(run) for run in runs)
    gate.open()
    send_at_last(stage, clock, *runs)
    for run in runs:
        check_in_mlflow(run)

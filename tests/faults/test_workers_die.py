"""Worker, cluster and web server die or are stopped; scripts and their outcomes are unaffected."""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress

import psutil
import pytest
from django_q.models import OrmQ
from django_q.tasks import async_task

from runs_app.choices import RunStatus
from runs_app.queue import broker
from tests.faults.stage import FIRST, LAST, Stage
from tests.portal.processes import free_port, status_of
from tests.processes import alive, below, command_of, kill
from tests.waiting import LIMIT_S, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults]


def part(stage: Stage, worker: subprocess.Popen[bytes], name: str) -> psutil.Process:
    """Return one process of a worker by what it does."""
    children = psutil.Process(worker.pid).children()
    by_command = {command[-3]: item for item in children if (command := command_of(item))}
    if name in by_command:
        return by_command[name]
    [sentinel] = by_command["cluster"].children()
    if name == "sentinel":
        return sentinel
    # django-q2 starts its workers first, then the one that stores results, then the one that reads.
    *workers, monitor, pusher = sentinel.children()
    return {"idle worker": workers[0], "monitor": monitor, "pusher": pusher}[name]


@pytest.mark.parametrize(
    "name",
    [
        "ticker",
        *(
            pytest.param(name, marks=pytest.mark.proof)
            for name in ("cluster", "sentinel", "idle worker", "monitor", "pusher")
        ),
    ],
)
def test_a_part_of_the_worker_is_killed(stage: Stage, name: str) -> None:
    worker = stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    before = stage.parts(worker)
    part(stage, worker, name).kill()
    wait_until(lambda: len(alive(before)) < len(before), what="it is dead")
    stage.go.touch()
    stage.end(run, by="worker")
    wait_until(lambda: len(stage.parts(worker)) >= 7, what=lambda: f"it is back: {stage.output}")
    stage.check_success(run)
    again = stage.end(stage.queue(), by="worker")
    stage.check_success(again)


def test_the_whole_worker_is_killed_and_comes_back(stage: Stage) -> None:
    worker = stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    parts = stage.parts(worker)
    worker.kill()
    worker.wait()
    wait_until(lambda: not alive(parts), what="its processes die with it")
    assert stage.supervisor_pid(run), "the script goes on"
    stage.start_worker()
    stage.go.touch()
    stage.check_success(stage.end(run, by="worker"))


@pytest.mark.proof
def test_everything_is_killed_and_the_script_ends_meanwhile(stage: Stage) -> None:
    worker = stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    kill([psutil.Process(worker.pid), *stage.parts(worker)])
    worker.wait()
    stage.go.touch()
    wait_until((run.folder / "exit.json").exists, what="the script ends")
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING, "nobody has looked yet"
    stage.start_worker()
    stage.check_success(stage.end(run, by="worker"))


@pytest.mark.proof
def test_the_worker_is_stopped_as_at_a_deploy(stage: Stage) -> None:
    worker = stage.start_worker()
    run = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    # As a terminal or a service manager that knows no better does: to every one of them.
    for item in [*stage.parts(worker), psutil.Process(worker.pid)]:
        with suppress(psutil.NoSuchProcess):
            item.send_signal(signal.SIGTERM)
    assert worker.wait(LIMIT_S) == 0
    assert stage.supervisor_pid(run)
    stage.start_worker()
    stage.go.touch()
    stage.check_success(stage.end(run, by="worker"))


def test_messages_come_twice_and_the_run_is_asked_for_twice(stage: Stage) -> None:
    """Two people press the button; each message is delivered three times."""
    first, second = stage.queue(), stage.queue()
    for run in (first, second):
        for _ in range(2):
            async_task(str(broker.Task.START), run.pk)
            async_task(str(broker.Task.FINISH), run.pk)
    stage.go.touch()
    stage.start_worker()
    for run in (first, second):
        stage.check_success(stage.end(run, by="worker"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.finished_at is not None
    assert second.started_at is not None
    assert first.finished_at <= second.started_at, "they share a directory"


@pytest.mark.proof
def test_every_message_is_lost(stage: Stage) -> None:
    run = stage.queue()
    OrmQ.objects.all().delete()
    stage.start_worker()
    stage.reach(run, RunStatus.RUNNING, by="worker")
    stage.go.touch()
    # Whatever the worker rings for itself gets lost too.
    wait_until(lambda: OrmQ.objects.all().delete() and _ended(stage, run), what="the run ends")
    stage.check_success(run)


def _ended(stage: Stage, run: object) -> bool:
    [item] = stage.runs
    item.refresh_from_db()
    return not item.is_active


@pytest.mark.proof
def test_the_web_server_is_killed(stage: Stage) -> None:
    port = free_port()
    argv = ["-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    web = stage.portal.start_program(*argv)
    worker = stage.start_worker()
    wait_until(lambda: status_of(f"http://127.0.0.1:{port}/healthz") == 200, what="pages answer")
    run = stage.reach(stage.queue(), RunStatus.RUNNING, by="worker")
    kill([psutil.Process(web.pid), *below(web.pid)])
    assert status_of(f"http://127.0.0.1:{port}/healthz") == 0
    stage.go.touch()
    stage.check_success(stage.end(run, by="worker"))
    assert worker.poll() is None


@pytest.mark.proof
def test_twelve_runs_of_three_experiments_on_four_slots_each_enqueued_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that finds another one at work in its directory fails."""
    monkeypatch.setenv("GUARDIANFLOW_SLOTS", "4")
    script = (
        "import os, time\n"
        "with open('starts', 'a') as file:\n"
        "    file.write(os.environ['GUARDIANFLOW_RUN_ID'] + '\\n')\n"
        f"print({FIRST!r}, flush=True)\n"
        "os.close(os.open('busy', os.O_CREAT | os.O_EXCL))\n"
        "time.sleep(0.2)\n"
        "os.unlink('busy')\n"
        f"print({LAST!r}, flush=True)\n"
    )
    runs = [stage.queue(name, script=script) for _ in range(4) for name in ("bct", "ppe", "fire")]
    for run in runs:
        async_task(str(broker.Task.START), run.pk)
    stage.start_worker()
    for run in runs:
        stage.check_success(stage.end(run, by="worker"))

"""Runs of a command reach MLflow without a worker, whatever becomes of the process that sends."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.lifecycle import collect, reconcile, sending
from runs_app.models import Run
from runs_app.queue import hosts
from runs_app.runner.own_file import is_held
from runs_app.system import commands, locks
from runs_app.tracking import outbox, store
from tests.runs_app import driving
from tests.runs_app.conftest import Home, Portal
from tests.runs_app.tracking.failing_server import failing
from tests.runs_app.tracking.server import Server
from tests.waiting import LIMIT_S, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.mlflow]

# The command as it is, but that it gives MLflow more time than half a minute.
PATIENT_COMMAND = f"""\
import sys, django
django.setup()
from django.core.management import execute_from_command_line
from runs_app.lifecycle import sending
sending.send_within.__kwdefaults__["limit_s"] = {LIMIT_S}
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
WAITS = """\
import os, time
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]): time.sleep(0.01)
"""
FIRST_PROCESS = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def refusal_of_namespaces() -> str:
    """Why no process of this user can be the first one of a namespace, empty if one can."""
    try:
        done = subprocess.run([*FIRST_PROCESS, "true"], capture_output=True, check=False)
    except OSError as error:
        return str(error)
    return done.stderr.decode().strip() if done.returncode else ""


def test_the_first_process_of_a_container_waits_for_mlflow(home: Home, portal: Portal) -> None:
    if refusal := refusal_of_namespaces():
        pytest.skip(f"no process namespace can be made here: {refusal}")
    home.experiment(script="print('done')")
    process = portal.start_program(
        *("-c", PATIENT_COMMAND, "run_experiment", "sampyo-gimhae-bct"), before=FIRST_PROCESS
    )
    stdout, stderr = process.communicate(timeout=2 * LIMIT_S)
    assert (process.returncode, stdout) == (0, b"done\n"), stderr
    assert b"MLflow" not in stderr
    assert Run.objects.get().mlflow_state == "sent"


@dataclass
class Interruption:
    """Holds back the answer to the first request that adds to a run in MLflow."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def fails(self, method: str, path: str) -> bool:
        if method == "POST" and path.endswith("/runs/log-batch") and not self.reached.is_set():
            self.reached.set()
            self.released.wait(LIMIT_S)
        return False


@pytest.fixture
def interruption(served_mlflow: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interruption]:
    """Let the commands reach MLflow through a server that interrupts the first sender."""
    held = Interruption()
    with failing(held.fails, upstream=served_mlflow.url) as between:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", between.url)
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", str(int(LIMIT_S)))
        yield held
        held.released.set()


def sender_of(home: Home) -> psutil.Process:
    """The process that a command left behind to send runs of this home."""
    [sender] = [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if "send_run" in (process.info["cmdline"] or ()) and process.info["cwd"] == str(home.path)
    ]
    return sender


def test_the_next_command_sends_what_a_killed_sender_had_begun(
    home: Home, portal: Portal, interruption: Interruption
) -> None:
    home.experiment()
    assert portal.run("run_experiment", "sampyo-gimhae-bct").returncode == 0
    assert interruption.reached.wait(LIMIT_S)
    begun = Run.objects.get()
    sender = sender_of(home)
    assert sender.ppid() != os.getpid()
    sender.kill()
    wait_until(lambda: not sender.is_running(), what="the sender is gone")
    interruption.released.set()
    begun.refresh_from_db()
    assert (begun.mlflow_state, begun.mlflow_attempts) == ("sending", 1)
    assert portal.run("list_runs").returncode == 0
    wait_until(lambda: Run.objects.get().mlflow_state == "sent", what="MLflow has the run")
    sent = Run.objects.get()
    assert (sent.mlflow_attempts, sent.mlflow_run_id) == (2, begun.mlflow_run_id)
    history = store.client().get_metric_history(sent.mlflow_run_id, "metrics/mAP50B")
    assert [(point.step, point.value) for point in history] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    found = store.client().search_runs(
        [sent.mlflow_experiment_id], filter_string=f"tags.`guardianflow.run_id` = '{sent.uuid}'"
    )
    assert [run.info.run_id for run in found] == [sent.mlflow_run_id]


def test_the_next_command_closes_a_run_whose_terminal_was_killed(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    go = tmp_path / "go"
    monkeypatch.setenv("GO", str(go))
    home.experiment(script=WAITS)
    terminal = portal.start("run_experiment", "sampyo-gimhae-bct")
    assert terminal.stdout is not None
    assert terminal.stdout.readline() == b"ready\n"
    terminal.kill()
    terminal.communicate()
    go.touch()
    run = Run.objects.get()
    wait_until(lambda: run.folder.joinpath("exit.json").exists(), what="the script ends")

    def is_closed() -> bool:
        assert portal.run("list_runs").returncode == 0
        run.refresh_from_db()
        return run.status == RunStatus.SUCCEEDED

    wait_until(is_closed, what=lambda: f"the run is closed, not {run.status}")


def test_the_next_command_collects_what_found_no_space(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    monkeypatch.setattr(collect, "keep", refused)
    driving.end(run)
    assert run.collect_next_at is not None
    assert portal.run("list_runs").returncode == 0
    assert Run.objects.get().collect_next_at is not None  # not due yet
    Run.objects.update(collect_next_at=timezone.now())
    assert portal.run("list_runs").returncode == 0
    wait_until(lambda: Run.objects.get().collect_next_at is None, what="the results are collected")
    assert run.files.get(path="best.pt").kept


def refused(*_args: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The commands that are started in processes of their own, none of which runs or ends."""
    names: list[str] = []
    held: list[int] = []

    def note(name: str, *_arguments: str, keep: Collection[int]) -> int:
        names.append(name)
        held.extend(map(os.dup, keep))
        return os.getpid()

    monkeypatch.setattr(commands, "detach", note)
    yield names
    for descriptor in held:
        os.close(descriptor)


def left_behind(home: Home) -> Run:
    """A run whose script has ended, and that nobody closes."""
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    return run


def test_a_run_that_its_terminal_closes_is_left_to_it(home: Home, started: list[str]) -> None:
    run = left_behind(home)
    with locks.hold(run.folder / locks.FINISH_LOCK):
        sending.finish_what_is_left()
    assert "finish_runs" not in started
    Run.objects.update(foreground=True)
    with locks.hold(hosts.foreground_lock(run)):
        sending.finish_what_is_left()
    assert "finish_runs" not in started
    sending.finish_what_is_left()
    assert started[-1] == "finish_runs"


def test_of_several_commands_at_once_a_single_one_has_runs_closed(
    home: Home, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_looked = threading.Barrier(5)

    def sees_a_run() -> bool:
        all_have_looked.wait(LIMIT_S)
        return True

    monkeypatch.setattr(sending, "_is_unfinished", sees_a_run)
    lists = [threading.Thread(target=sending.finish_what_is_left) for _ in range(5)]
    for command in lists:
        command.start()
    for command in lists:
        command.join(LIMIT_S)
    assert started == ["finish_runs"]


@pytest.mark.parametrize(
    ("stamp_age_s", "expected"),
    [
        pytest.param(None, 1, id="none was started yet"),
        pytest.param(0, 0, id="the last one was started just now"),
        pytest.param(sending.FINISH_EVERY_S / 2, 0, id="a moment ago"),
        pytest.param(sending.FINISH_EVERY_S + 1, 1, id="longer ago"),
        pytest.param(-3600, 1, id="the clock was set back since"),
    ],
)
def test_a_run_that_cannot_be_closed_is_tried_now_and_then(
    home: Home,
    started: list[str],
    monkeypatch: pytest.MonkeyPatch,
    stamp_age_s: float | None,
    expected: int,
) -> None:
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s)
    left_behind(home)
    if stamp_age_s is not None:
        sending.FINISHER.stamp.touch()
        os.utime(sending.FINISHER.stamp, (now_s - stamp_age_s,) * 2)
    sending.finish_what_is_left()
    assert started == ["finish_runs"] * expected
    sending.finish_what_is_left()
    assert started == ["finish_runs"] * expected


def test_no_process_is_started_while_another_closes_runs(home: Home, started: list[str]) -> None:
    left_behind(home)
    with locks.hold(sending.FINISHER.lock):
        sending.finish_what_is_left()
    assert not started
    sending.finish_what_is_left()
    assert started == ["finish_runs"]


def test_the_process_that_closes_runs_holds_its_lock(
    home: Home, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(
        reconcile, "finish_ended", lambda _host: seen.append(is_held(sending.FINISHER.lock))
    )
    call_command("finish_runs")
    assert seen == [True]
    assert not is_held(sending.FINISHER.lock)


def test_it_closes_runs_beside_another_one(home: Home, started: list[str]) -> None:
    run = left_behind(home)
    with locks.hold(sending.FINISHER.lock):
        call_command("finish_runs")
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert started == ["send_run"]


def test_of_several_runs_that_end_at_once_a_single_sender_takes_care(
    home: Home, started: list[str]
) -> None:
    runs = [driving.run_to_end(home.experiment(f"sampyo-{place}")) for place in ("a", "b")]
    assert [sending.send_later(run) for run in runs] == [True, True]
    sending.send_what_is_left()
    assert started == ["send_run"]


def test_a_sender_sends_what_ended_before_it_let_go_of_its_lock(
    home: Home, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (driving.run_to_end(home.experiment(f"sampyo-{place}")) for place in ("a", "b"))
    second_is = Run.objects.filter(pk=second.pk)
    second_is.update(mlflow_next_at=timezone.now() + timedelta(minutes=1))
    tried: list[int] = []

    def send(pk: int) -> bool:
        tried.append(pk)
        if pk == first.pk:
            second_is.update(mlflow_next_at=None)
            assert sending.send_later(second)
        return False

    monkeypatch.setattr(outbox, "send", send)
    call_command("send_run")
    assert (tried, started) == ([first.pk, second.pk], [])


def test_where_no_process_can_be_started_the_command_waits_for_mlflow(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = driving.run_to_end(home.experiment())

    def is_full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(locks, "hold", is_full)
    assert not sending.send_later(run)

"""`guardianflow run`, as people and their shell scripts use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.management.commands import run_experiment
from runs_app.models import Run
from runs_app.runner.folder import RunFolder
from tests.runs_app.conftest import Home, Portal
from tests.waiting import LIMIT_S, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

# The command as it is, but that it gives MLflow more time than half a minute.
WAITS_FOR_MLFLOW = """\
import sys, django
django.setup()
from django.core.management import execute_from_command_line
from runs_app.lifecycle import sending
sending.send_within.__kwdefaults__["limit_s"] = {limit_s}
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
PATIENT = "import time; print('ready', flush=True); time.sleep(120)\n"


@pytest.fixture(autouse=True)
def mlflow_is_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these tests are not about MLflow, and asking it costs seconds."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")


def test_output_is_passed_on_and_the_exit_status_is_the_scripts(home: Home, portal: Portal) -> None:
    script = "import sys; sys.stdout.buffer.write(b'50%\\r\\xff'); sys.exit('broken')"
    home.experiment(script=script)
    done = portal.run("run_experiment", "sampyo-gimhae-bct", "--type", "train")
    assert done.returncode == 1
    assert done.stdout == b"50%\r\xff"
    assert b"broken\n" in done.stderr
    assert done.stderr.endswith(b"MLflow: being sent\n")
    run = Run.objects.get()
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 1)
    assert run.mlflow_state != "sent"


def test_mlflow_is_waited_for_where_that_is_asked_for(home: Home, portal: Portal) -> None:
    home.experiment(script="print('done')")
    done = portal.run("run_experiment", "sampyo-gimhae-bct", "--wait-mlflow")
    assert b"MLflow does not have it yet" in done.stderr
    assert Run.objects.get().mlflow_state == "pending"


@pytest.mark.mlflow
def test_a_sender_in_the_background_tells_mlflow(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", home.store)
    home.experiment(script="print('done')")
    assert portal.run("run_experiment", "sampyo-gimhae-bct").returncode == 0
    wait_until(lambda: Run.objects.get().mlflow_state == "sent", what="MLflow has the run")


@pytest.mark.mlflow
def test_the_next_command_sends_what_a_dead_sender_left(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.experiment(script="print('done')")
    portal.run("run_experiment", "sampyo-gimhae-bct", "--wait-mlflow")
    # What a killed sender leaves: it set the next try, and holds the lock no more.
    later = timezone.now() + timedelta(minutes=30)
    Run.objects.update(mlflow_state="sending", mlflow_next_at=later)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", home.store)
    assert portal.run("list_runs").returncode == 0
    wait_until(lambda: Run.objects.get().mlflow_state == "sent", what="MLflow has the run")


def test_an_interrupt_right_after_the_end_keeps_the_exit_status(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.experiment(script="raise SystemExit(3)")

    def interrupted(_run: Run) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_experiment, "send_later", interrupted)
    with pytest.raises(SystemExit) as ended:
        call_command("run_experiment", "sampyo-gimhae-bct")
    assert ended.value.code == 3


def test_a_script_that_was_killed(home: Home, portal: Portal) -> None:
    home.experiment(script="import os; os.kill(os.getpid(), 9)")
    assert portal.run("run_experiment", "sampyo-gimhae-bct").returncode == 137


@pytest.mark.mlflow
def test_the_whole_way_without_a_worker(
    home: Home, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", home.store)
    epochs: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
    home.experiment(parameters=[epochs], template="--epochs {epochs}")
    process = portal.start_program(
        *("-c", WAITS_FOR_MLFLOW.format(limit_s=LIMIT_S)),
        *("run_experiment", "sampyo-gimhae-bct", "--version", "v3", "--param", "epochs=1"),
        *("--env", "PPE_DATA=/nas/my ppe", "--wait-mlflow", "--json", "--", "--epochs", "2"),
    )
    stdout, stderr = process.communicate(timeout=2 * LIMIT_S)
    done = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    assert done.returncode == 0, done.stderr.decode()
    shown = json.loads(done.stdout)
    assert b"epoch 2\n" in done.stderr
    assert shown["argv"] == [sys.executable, "train.py", "--epochs", "1", "--epochs", "2"]
    assert (shown["status"], shown["version"], shown["mlflow_state"]) == ("succeeded", "v3", "sent")
    assert shown["environment"] == {"PPE_DATA": "/nas/my ppe"}
    assert shown["mlflow_run_id"]
    assert [file["path"] for file in shown["files"]] == ["best.pt", "results.csv"]


@pytest.mark.parametrize(
    ("argv", "fix"),
    [
        (["donghwa"], "There is no experiment donghwa"),
        (["sampyo-gimhae-bct", "--script", "trian.py"], "Did you mean train.py"),
        (["sampyo-gimhae-bct", "--param", "epochs"], "epochs"),
        (["sampyo-gimhae-bct", "--env", "A_PASSWORD=x"], "A_PASSWORD looks like a secret"),
        (["sampyo-gimhae-bct", "--type", "dance"], "invalid choice"),
    ],
)
def test_a_refusal_ends_with_2_and_names_the_fix(
    home: Home, portal: Portal, argv: list[str], fix: str
) -> None:
    home.experiment()
    done = portal.run("run_experiment", *argv)
    assert done.returncode == 2
    assert fix in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert not Run.objects.exists()


def test_what_the_portal_cannot_do_ends_with_70(home: Home, portal: Portal) -> None:
    home.experiment()
    (home.path / "spool").write_text("a file where a folder should be")
    done = portal.run("run_experiment", "sampyo-gimhae-bct")
    assert done.returncode == 70
    assert b"The portal failed" in done.stderr


@pytest.mark.proof
def test_arguments_as_mlflow_run_appends_them_give_parameters(home: Home, portal: Portal) -> None:
    home.experiment(
        parameters=[
            {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3},
            {"name": "batch_size", "flag": "--batch-size", "type": "int"},
            {"name": "amp", "flag": "--amp", "action": "store_true"},
        ]
    )
    given = ["--batch_size", "4", "--amp", "True", "--epochs", "1"]
    named = ["run_experiment", "sampyo-gimhae-bct", "--queue", "--named-args", "--"]
    assert portal.run(*named, *given).returncode == 0
    run = Run.objects.get()
    assert run.argv[2:] == ["--epochs", "1", "--batch-size", "4", "--amp"]
    assert run.given == {"epochs": 1, "batch_size": 4, "amp": True}
    for wrong in (["--epochs"], ["epochs", "1"], ["--", "1"]):
        refused = portal.run(*named, *wrong)
        assert (refused.returncode, b"--name value" in refused.stderr) == (2, True)
    assert Run.objects.count() == 1


def test_queueing_prints_the_id_alone(home: Home, portal: Portal) -> None:
    home.experiment()
    done = portal.run("run_experiment", "sampyo-gimhae-bct", "--queue")
    run = Run.objects.get()
    assert (done.returncode, done.stdout) == (0, f"{run.pk}\n".encode())
    assert b"guardianflow worker" in done.stderr
    assert run.status == RunStatus.QUEUED


def started(portal: Portal, home: Home) -> subprocess.Popen[bytes]:
    """A run in the foreground whose script has printed its first line."""
    home.experiment(script=PATIENT, grace_s=600)
    process = portal.start("run_experiment", "sampyo-gimhae-bct")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_an_interrupt_cancels_and_leaves_nothing(home: Home, portal: Portal) -> None:
    process = started(portal, home)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert b"Stopping run" in err
    run = Run.objects.get()
    assert (run.status, run.foreground) == (RunStatus.CANCELLED, True)


IN_A_TERMINAL = """\
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests run under nohup
    os.execv(sys.executable, [sys.executable, "-m", "django", "run_experiment", *sys.argv[1:]])
seen = b""
while b"ready" not in seen:
    seen += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_closed_terminal_cancels_as_an_interrupt_does(home: Home, portal: Portal) -> None:
    home.experiment(script=PATIENT, grace_s=600)
    process = portal.start_program("-c", IN_A_TERMINAL, "sampyo-gimhae-bct")
    out, err = process.communicate(timeout=LIMIT_S)
    assert out == b"130\n", err
    run = Run.objects.get()
    assert (run.status, run.foreground) == (RunStatus.CANCELLED, True)
    assert "the closing of its terminal" in str(run.status_reason)


@pytest.mark.proof
def test_a_second_interrupt_leaves_the_run_to_a_worker(home: Home, portal: Portal) -> None:
    stubborn = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\n" + PATIENT
    home.experiment(script=stubborn, grace_s=600)
    process = portal.start("run_experiment", "sampyo-gimhae-bct")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    lines = iter(process.stderr.readline, b"")
    assert any(b"Stopping run" in line for line in lines)
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT_S) == 130
    run = Run.objects.get()
    assert run.is_active
    assert run.cancel_requested_at is not None
    script = RunFolder(run.folder).started()
    assert script is not None
    os.kill(script.script_pid, signal.SIGTERM)  # what would follow at the end of its grace
    wait_until((run.folder / "exit.json").exists, what="the supervisor stops the script")


@pytest.mark.proof
def test_the_script_outlives_its_terminal(home: Home, portal: Portal) -> None:
    process = started(portal, home)
    process.kill()
    process.communicate()
    run = Run.objects.get()
    assert not (run.folder / "exit.json").exists()
    done = portal.run("cancel_run", str(run.pk))
    assert done.returncode == 0
    wait_until((run.folder / "exit.json").exists, what="the supervisor stops the script")


@pytest.mark.proof
def test_a_second_run_waits_and_says_for_what(home: Home, portal: Portal) -> None:
    first = started(portal, home)
    second = portal.start("run_experiment", "sampyo-gimhae-bct")
    assert second.stderr is not None
    blocking = Run.objects.get(status__in=["starting", "running"])
    lines = iter(second.stderr.readline, b"")
    assert any(f"Waits for run {blocking.pk}".encode() in line for line in lines)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=LIMIT_S)
    assert second.stdout is not None
    assert second.stdout.readline() == b"ready\n"
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=LIMIT_S)
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}


@pytest.mark.proof
def test_logs_are_followed_to_the_end(home: Home, portal: Portal) -> None:
    process = started(portal, home)
    run = Run.objects.get()
    follower = portal.start("run_logs", str(run.pk), "--follow")
    assert follower.stdout is not None
    assert follower.stdout.readline() == b"ready\n"
    assert follower.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    assert follower.wait(LIMIT_S) == 0
    errors = portal.run("run_logs", str(run.pk), "--stderr")
    assert b"KeyboardInterrupt" in errors.stdout


@pytest.mark.proof
def test_a_reader_that_leaves_stops_no_script(home: Home, portal: Portal) -> None:
    home.experiment(
        script="import time\nfor n in range(50): print(n, flush=True)\nopen('end.csv', 'w')"
    )
    process = portal.start("run_experiment", "sampyo-gimhae-bct")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(LIMIT_S) == 0
    process.stdout = None
    assert Run.objects.get().files.filter(path="end.csv").exists()

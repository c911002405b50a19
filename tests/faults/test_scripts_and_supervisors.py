"""Scripts and supervisors die, resist, or are stopped at the worst moment."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.runner.process import own_cgroups
from runs_app.texts import reasons, remarks
from tests.deleting import delete
from tests.faults.databases import moves_of
from tests.faults.stage import FIRST, LAST, STEPS, Stage
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults]

# Ignores what is polite, and so do its children: one in a session of its own, one forked twice,
# one with an empty environment.
STUBBORN = """\
import os, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def note(pid):
    with open("pids", "a") as file:
        file.write(f"{pid}\\n")
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
note(os.getpid())
sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
note(subprocess.Popen(sleeper, start_new_session=True).pid)
if CLEARED:
    note(subprocess.Popen(sleeper, start_new_session=True, env={}).pid)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        note(os.getpid())
        print("first 시작", flush=True)
        time.sleep(300)
    os._exit(0)
time.sleep(300)
"""


def test_the_script_is_killed(stage: Stage) -> None:
    run = stage.start(stage.queue())
    started = folder_of(run).started()
    assert started is not None
    os.kill(started.script_pid, signal.SIGKILL)
    stage.end(run)
    stage.check(run, RunStatus.FAILED, exit_code=137, lines=[FIRST])
    assert (run.reason_code, run.reason_values) == ("killed_by_signal", {"signal": "9 (SIGKILL)"})


def test_the_supervisor_is_killed(stage: Stage) -> None:
    """The kernel ends the script; what it left behind is found, whatever it did to hide."""
    script = STUBBORN.replace("CLEARED", str(own_cgroups()))
    run = stage.start(stage.queue(script=script))
    os.kill(stage.supervisor_pid(run), signal.SIGKILL)
    stage.end(run)
    stage.check(run, RunStatus.LOST, exit_code=None, lines=[FIRST])
    assert run.reason_code == reasons.SUPERVISOR_DIED.code


def test_the_run_folder_is_deleted_while_the_script_runs(stage: Stage) -> None:
    run = stage.start(stage.queue())
    delete(run.folder)
    stage.tick()
    stage.go.touch()
    stage.end(run)
    stage.check_success(run)
    assert list(run.notices) == [remarks.FOLDER_RESTORED.code]


def test_a_stubborn_script_and_all_it_hides_are_cancelled(stage: Stage) -> None:
    script = STUBBORN.replace("CLEARED", "True")
    run = stage.start(stage.queue(script=script, grace_s=1))
    assert len(Path(run.cwd, "pids").read_text().split()) == 4
    assert cancel(run, user=None, by="jiwoo")
    stage.end(run)
    stage.check(run, RunStatus.CANCELLED, exit_code=137, lines=[FIRST])


@pytest.mark.proof
def test_thirty_cancels_around_the_start(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUARDIANFLOW_SLOTS", "40")
    stage.start_worker()
    moments = random.Random(401)  # noqa: S311
    runs = []
    for number in range(30):
        run = stage.queue(f"bct-{number}", grace_s=1)
        time.sleep(moments.uniform(0, 0.015 * number))
        assert cancel(run, user=None, by="jiwoo")
        runs.append(run)
    for run in runs:
        stage.end(run, by="worker")
        # An interpreter that is interrupted while it comes up ends with a status of its own.
        stage.check(
            run, RunStatus.CANCELLED, exit_code=run.exit_code, starts=min(1, stage.starts(run))
        )
        if run.exit_code is None:
            assert stage.starts(run) == 0


def reboot(run: Run) -> None:
    """Let the machine have started anew since: what ran is gone, and the boot id is another."""
    claimed = run.folder / "claimed"
    if claimed.exists():
        claimed.write_text(json.dumps({**json.loads(claimed.read_text()), "boot_id": "before"}))
    Run.objects.filter(pk=run.pk).update(boot_id="before")


def test_the_machine_restarts_during_a_run(stage: Stage) -> None:
    run = stage.start(stage.queue())
    os.kill(stage.supervisor_pid(run), signal.SIGKILL)
    reboot(run)
    stage.end(run)
    stage.check(run, RunStatus.LOST, exit_code=None, lines=[FIRST])
    assert run.reason_code == reasons.HOST_REBOOTED.code


def test_the_machine_restarts_right_after_the_scripts_end(stage: Stage) -> None:
    run = stage.start(stage.queue())
    stage.go.touch()
    wait_until((run.folder / "exit.json").exists, what="the script ends")
    wait_until(lambda: not stage.supervisor_pid(run), what="the supervisor ends")
    reboot(run)
    stage.check_success(stage.end(run))


def test_the_machine_restarts_before_the_supervisor_came(stage: Stage, settings: Settings) -> None:
    run = stage.queue()
    host = settings.GUARDIANFLOW_HOST
    taken = {"status": RunStatus.STARTING, "host": host, "launches": 1, "boot_id": "before"}
    Run.objects.filter(pk=run.pk).update(**taken)
    run.folder.mkdir(parents=True)
    stage.go.touch()
    stage.check_success(stage.end(run))
    run.refresh_from_db()
    assert run.launches == 2


def test_another_machine_never_declares_a_run_lost(stage: Stage, settings: Settings) -> None:
    run = stage.start(stage.queue())
    os.kill(stage.supervisor_pid(run), signal.SIGKILL)
    ours = settings.GUARDIANFLOW_HOST
    settings.GUARDIANFLOW_HOST = "gpu9"
    reconcile.tick("gpu9")
    reconcile.tick(ours)  # asked for by mistake: it cannot look
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    settings.GUARDIANFLOW_HOST = ours
    stage.end(run)
    stage.check(run, RunStatus.LOST, exit_code=None, lines=[FIRST])


def test_a_lost_run_whose_record_turns_up_is_put_right(stage: Stage) -> None:
    """The folder goes with its disk; in its place stands one whose supervisor is gone."""
    run = stage.start(stage.queue())
    stage.go.touch()
    wait_until((run.folder / "exit.json").exists, what="the script ends")
    away = run.folder.with_name("on another disk")
    run.folder.rename(away)
    run.folder.mkdir()
    (run.folder / "claimed").write_text("{}")
    stage.reach(run, RunStatus.LOST)
    delete(run.folder)
    away.rename(run.folder)
    stage.reach(run, RunStatus.SUCCEEDED)
    stage.check(run, RunStatus.SUCCEEDED, exit_code=0, lines=[FIRST, LAST], ends=2)
    assert [new for _old, new in moves_of(run.pk)][-3:] == ["lost", "finalizing", "succeeded"]


class Clock:
    """The portal's clock, which a test may set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offset = timedelta()
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + self.offset)

    def __call__(self) -> datetime:
        return timezone.now()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_clock_is_set_back_an_hour(stage: Stage, clock: Clock) -> None:
    running, waiting = stage.start(stage.queue("bct")), stage.queue("ppe")
    OrmQ.objects.all().delete()
    clock.offset = timedelta(hours=-1)
    # The worker leaves fresh runs to their messages; one of the future would wait for ever.
    found = reconcile.look(portal_settings.GUARDIANFLOW_HOST, patience_s=600)
    assert found.start
    stage.go.touch()
    for run in (running, waiting):
        stage.check_success(stage.end(run))
        assert run.started_at is not None
        assert run.finished_at is not None
        assert run.started_at <= run.finished_at


def test_the_clock_is_set_back_before_the_supervisor_came(
    stage: Stage, clock: Clock, settings: Settings
) -> None:
    run = stage.queue()
    host = settings.GUARDIANFLOW_HOST
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.STARTING, host=host, launches=1, boot_id="", status_changed_at=clock()
    )
    run.folder.mkdir(parents=True)
    clock.offset = timedelta(hours=-1)
    stage.go.touch()
    stage.check_success(stage.end(run))


def test_a_script_that_was_asked_for_twice_leaves_the_second_run_its_own_log(stage: Stage) -> None:
    first, second = stage.queue(script=STEPS), stage.queue()
    stage.start(first)
    stage.tick()
    second.refresh_from_db()
    assert (second.status, second.reason_values["run"]) == (RunStatus.QUEUED, first.pk)
    stage.go.touch()
    stage.check_success(stage.end(first))
    stage.check_success(stage.end(second))

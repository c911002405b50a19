"""Notices of a run, shown next to its state."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from django.utils import translation

from registry_app.models import EntryPoint, Experiment
from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.texts import reasons, remarks
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.runner.scripts import is_alive

pytestmark = pytest.mark.django_db


def test_a_notice_is_noted_once_and_renewed_where_its_values_changed() -> None:
    run = make_run(make_experiment(), warnings=[["text", "train.py matches none of the patterns."]])
    assert notices.add(run.pk, remarks.LOG_LARGE(mib=1024))
    assert not notices.add(run.pk, remarks.LOG_LARGE(mib=1024))
    assert notices.add(run.pk, remarks.LOG_LARGE(mib=2048))
    assert notices.add(run.pk, remarks.STRAGGLERS_ENDED(count=3))
    run.refresh_from_db()
    assert notices.warnings_of(run) == [
        "train.py matches none of the patterns.",
        "It has written more than 2048 MiB of output.",
        "Processes that it had left running were ended: 3.",
    ]


def test_a_notice_takes_the_place_of_another_each_time() -> None:
    """A folder may be deleted once more after it was created again."""
    run = make_run(make_experiment())
    for _ in range(2):
        assert notices.add(run.pk, remarks.FOLDER_DELETED())
        assert notices.add(run.pk, remarks.FOLDER_RESTORED(), instead_of=remarks.FOLDER_DELETED)
        run.refresh_from_db()
        assert list(run.notices) == [remarks.FOLDER_RESTORED.code]
    assert not notices.add(run.pk, remarks.FOLDER_RESTORED(), instead_of=remarks.FOLDER_DELETED)


def test_a_notice_is_reported_in_the_readers_language() -> None:
    run = make_run(make_experiment(), notices={"stragglers_ended": {"count": 3}})
    with translation.override("ko"):
        [reported] = notices.warnings_of(run)
    assert "3" in reported
    assert "ended" not in reported


def test_a_notice_of_a_newer_version_is_shown_by_its_code() -> None:
    run = make_run(make_experiment(), notices={"disk_slow": {}, "log_large": {}})
    assert notices.warnings_of(run) == ["disk_slow", "log_large"]


def test_a_run_that_is_gone_gets_no_notice() -> None:
    assert not notices.add(1, remarks.LOG_LARGE(mib=1))


LEAVES_A_DAEMON = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
"""


@pytest.mark.processes
@pytest.mark.parametrize(
    ("background", "notice"),
    [(None, "ended: 1."), (True, "go on, as its entry point allows: 1.")],
)
def test_what_a_script_leaves_behind_is_reported(
    home: Home, background: bool | None, notice: str
) -> None:
    experiment = home.experiment(script=LEAVES_A_DAEMON)
    EntryPoint.objects.update(background=background)
    run = run_to_end(Experiment.objects.get(pk=experiment.pk))
    assert run.status == RunStatus.SUCCEEDED
    [reported] = notices.warnings_of(run)
    assert reported.endswith(notice)
    child = int((run.folder / "stdout.log").read_text())
    assert is_alive(child) is bool(background)
    if background:
        os.kill(child, signal.SIGKILL)


# As `daemon(3)` does it: two forks, a session of its own, no open files, and the script leaves.
DAEMONIZES = """
import os, time
if os.fork():
    while not os.path.exists("daemon.pid"):
        time.sleep(0.01)
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
open("daemon.part", "w").write(str(os.getpid()))
os.rename("daemon.part", "daemon.pid")
for descriptor in range(3):
    os.close(descriptor)
time.sleep(600)
open("best.pt", "w").write("trained")
"""


@pytest.mark.processes
def test_a_script_that_daemonizes_and_leaves_says_that_its_work_was_ended(home: Home) -> None:
    experiment = home.experiment(script=DAEMONIZES)
    run = run_to_end(Experiment.objects.get(pk=experiment.pk))
    assert run.status == RunStatus.SUCCEEDED
    [reported] = notices.warnings_of(run)
    assert "ended: 1." in reported
    assert not (Path(experiment.path) / "best.pt").exists()
    assert not is_alive(int((Path(experiment.path) / "daemon.pid").read_text()))


# Its pauses keep the log near its limit: as fast as it can it writes gigabytes until it is stopped.
CHATTY = "import time\nwhile True:\n    print('loss 0.1 ' * 1000)\n    time.sleep(0.001)\n"


@pytest.mark.proof
@pytest.mark.processes
def test_a_script_that_writes_over_its_limit_has_failed_and_says_why(home: Home) -> None:
    experiment = home.experiment(script=CHATTY)
    EntryPoint.objects.update(log_limit_mib=2)
    run = run_to_end(Experiment.objects.get(pk=experiment.pk))
    assert (run.status, run.reason_code) == (RunStatus.FAILED, reasons.LOG_LIMIT.code)
    assert run.status_reason == "Stopped because it wrote more than 2 MiB of output."
    assert "log_large" in run.notices

"""Disks are full or cannot be written, interpreters are gone."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import launch
from runs_app.models import Run
from runs_app.texts import reasons
from tests.factories import change_entry_points
from tests.faults.stage import FIRST, Stage
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.faults]

MIB = 2**20
# Prints until it cannot any more, and then says so by its exit status.
PRINTS = """\
import os, sys, time
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
print("first 시작", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
try:
    while True:
        os.write(1, b"x" * 4096)
except OSError:
    os._exit(3)
"""


@pytest.fixture
def small_disk(settings: Settings, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the run folders on a disk of one mebibyte, without waiting for free space."""
    settings.GUARDIANFLOW_MIN_FREE_MIB = 0
    monkeypatch.setenv("GUARDIANFLOW_MIN_FREE_MIB", "0")
    disk = Path(settings.RUNS_DIR)
    disk.mkdir(parents=True)
    argv = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(argv, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk; removing the file frees it again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def test_the_log_fills_the_disk(stage: Stage, small_disk: Path) -> None:
    run = stage.start(stage.queue(script=PRINTS))
    stage.go.touch()
    stage.end(run)
    stage.check(run, RunStatus.FAILED, exit_code=3)
    log = folder_of(run).stdout
    assert log.read_bytes().startswith(f"{FIRST}\nxxx".encode())
    log.unlink()  # somebody makes room
    again = stage.end(stage.queue(name="ppe"))
    stage.check_success(again)


def test_the_log_meets_a_quota(stage: Stage) -> None:
    run = stage.start(stage.queue(script=PRINTS))
    started = folder_of(run).started()
    assert started is not None
    resource.prlimit(started.script_pid, resource.RLIMIT_FSIZE, (MIB, MIB))
    stage.go.touch()
    stage.end(run)
    stage.check(run, RunStatus.FAILED, exit_code=3)
    assert folder_of(run).stdout.stat().st_size == MIB


def test_the_disk_is_full_before_the_start(stage: Stage, small_disk: Path) -> None:
    filler = fill(small_disk)
    run = stage.queue()
    stage.end(run)
    stage.check(run, RunStatus.ERRORED, exit_code=None, starts=0)
    assert "disk is full" in run.status_reason
    filler.unlink()
    stage.go.touch()
    stage.check_success(stage.end(stage.queue()))


def test_the_disk_fills_while_the_script_runs_and_ends(stage: Stage, small_disk: Path) -> None:
    run = stage.start(stage.queue())
    filler = fill(small_disk)
    stage.go.touch()
    wait_until((run.folder / "exit.json").exists, what="the record finds its room")
    filler.unlink()
    stage.end(run)
    # The last line had no room; that there was an end is known all the same.
    assert run.status in {RunStatus.SUCCEEDED, RunStatus.FAILED}
    stage.check(run, RunStatus(run.status), exit_code=run.exit_code)


# Makes more than the small disk holds.
MAKES = """\
import os
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
print("first 시작", flush=True)
open("best.pt", "wb").write(os.urandom(3 * 2**20))
print("last 끝", flush=True)
"""


def test_the_disk_is_full_when_results_are_collected(stage: Stage, small_disk: Path) -> None:
    run = stage.end(stage.queue(script=MAKES))
    assert (run.looks_wrong, run.reason_code) == (True, reasons.COLLECT_FAILED.code)
    assert "No space left" in run.status_reason
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    Run.objects.filter(pk=run.pk).update(collect_next_at=timezone.now())
    stage.tick()
    stage.check_success(run)
    assert (run.looks_wrong, run.collect_next_at) == (False, None)
    made = Path(run.cwd, "best.pt").read_bytes()
    assert (run.folder / run.files.get(path="best.pt").kept).read_bytes() == made


def test_run_folders_cannot_be_written(stage: Stage, settings: Settings) -> None:
    Path(settings.RUNS_DIR).write_text("a file where a folder should be")
    run = stage.queue()
    stage.end(run)
    stage.check_refused(run)
    Path(settings.RUNS_DIR).unlink()
    stage.go.touch()
    stage.check_success(stage.end(stage.queue()))


def test_run_folders_lie_on_a_disk_that_is_read_only(stage: Stage, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    run = stage.queue()
    stage.end(run)
    stage.check_refused(run)
    assert "Read-only" in run.status_reason
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    stage.go.touch()
    stage.check_success(stage.end(stage.queue()))


def with_interpreter(stage: Stage, path: Path) -> Run:
    path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    change_entry_points(stage.home.experiment("bct"), interpreter=str(path))
    return stage.queue()


def test_the_interpreter_is_gone_when_its_turn_comes(stage: Stage, tmp_path: Path) -> None:
    run = with_interpreter(stage, tmp_path / "python")
    (tmp_path / "python").unlink()
    stage.end(run)
    stage.check_refused(run)
    assert run.reason_code == reasons.REFUSED.code
    assert str(tmp_path / "python") in run.status_reason


def test_the_interpreter_is_there_and_does_not_start(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = with_interpreter(stage, tmp_path / "python")
    (tmp_path / "python").write_text("#!/nowhere/python\n")
    # It vanishes between the last look and the start.
    monkeypatch.setattr(launch, "_check", lambda run: None)
    stage.end(run)
    stage.check_refused(run)
    assert run.reason_code == reasons.LAUNCH_FAILED.code
    assert "No such file" in run.status_reason

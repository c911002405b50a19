"""A directory that a run of another portal uses is waited for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import QuerySet

from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.lifecycle import collect, inputs, launch, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run
from runs_app.queue import directories
from runs_app.queue.directories import DirectoryLock
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED, SHARED_LATER, hold, is_held
from runs_app.runner.handover import keeping_directory
from runs_app.runner.outputs import snapshot
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.snapshot import Manifest
from runs_app.runner.process import supervisor_pid
from runs_app.texts import reasons
from tests.runs_app import driving
from tests.runs_app.conftest import Home
from tests.runs_app.disk_errors import make_unreadable
from tests.runs_app.runner.scripts import is_alive, watched_by
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)"


def lock_of(run: Run) -> str:
    return folder_of(run).spec().directory_lock


def test_a_run_waits_queued_for_another_portal_and_says_so(home: Home) -> None:
    run = driving.queue(home.experiment())
    theirs = hold(run.cwd, EXCLUSIVE)
    assert not driving.start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_PORTAL.code)
    os.close(theirs)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED


def test_runs_of_one_portal_that_may_overlap_do_not_wait_for_its_own_lock(home: Home) -> None:
    experiment = home.experiment(script=WAITS)
    first, second = driving.queue(experiment), driving.queue(experiment)
    Run.objects.filter(pk=second.pk).update(overlap=True)
    assert driving.start(first)
    driving.reach(first, RunStatus.RUNNING)
    assert driving.start(second)
    driving.reach(second, RunStatus.RUNNING)
    assert [lock_of(run) for run in (first, second)] == [EXCLUSIVE, SHARED_LATER]
    Path(first.cwd, "go").touch()
    for run in (first, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_an_overlapping_run_shares_its_directory_with_other_portals(home: Home) -> None:
    run = driving.queue(home.experiment())
    Run.objects.filter(pk=run.pk).update(overlap=True)
    theirs = hold(run.cwd, SHARED)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    os.close(theirs)
    assert run.files.get(path="best.pt").uncertain


def test_an_overlapping_run_that_was_alone_is_certain(home: Home) -> None:
    run = driving.queue(home.experiment())
    Run.objects.filter(pk=run.pk).update(overlap=True)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert not run.files.get(path="best.pt").uncertain


def test_a_run_beside_the_keeper_of_its_own_portal_is_certain(home: Home) -> None:
    first = driving.queue(home.experiment())
    Run.objects.filter(pk=first.pk).update(overlap=True)
    assert driving.start(first)
    driving.reach(first, RunStatus.FINALIZING)
    second = overlapping(first)
    assert driving.start(second)
    assert driving.end(second).status == RunStatus.SUCCEEDED
    record = folder_of(second).exit_record()
    assert record is not None
    assert record.directory_shared
    assert not second.files.get(path="best.pt").uncertain
    driving.end(first)


def test_other_portals_are_kept_out_while_the_files_are_listed_before_the_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = driving.queue(home.experiment())
    held: list[bool] = []

    def take(directory: Path) -> Manifest:
        held.append(is_held(str(directory), SHARED))
        return snapshot.take(directory)

    monkeypatch.setattr(launch, "take", take)
    assert driving.start(run)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert held == [True]


def test_other_portals_are_kept_out_until_the_files_are_copied(home: Home) -> None:
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    assert is_held(run.cwd, SHARED)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert not is_held(run.cwd, EXCLUSIVE)


def test_a_run_beside_the_collection_of_another_is_not_told_of_a_portal(home: Home) -> None:
    experiment = home.experiment()
    first, second = driving.queue(experiment), driving.queue(experiment)
    Run.objects.filter(pk=second.pk).update(overlap=True)
    assert driving.start(first)
    driving.reach(first, RunStatus.FINALIZING)
    assert driving.start(second)
    for run in (first, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_a_worker_keeps_other_portals_out_before_it_collects(home: Home) -> None:
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    reconcile.look(run.host)
    wait_until(lambda: os.getpid() in watched_by(keeper_of(run)), what="the worker is watched")
    assert driving.end(run).status == RunStatus.SUCCEEDED


@pytest.fixture
def uncollected(home: Home, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose script has ended, and whose keeper is gone, as where no worker was there."""
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", 0)
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)
    with keeping_directory(folder_of(run)):
        pass
    return run


def keeper_of(run: Run) -> int:
    record = folder_of(run).exit_record()
    assert record is not None
    return record.lock_keeper


def overlapping(run: Run) -> Run:
    """Queue another run of the experiment, which need not wait for the run."""
    second = driving.queue(run.experiment)
    Run.objects.filter(pk=second.pk).update(overlap=True)
    return second


def test_an_overlapping_run_waits_where_the_lock_of_its_own_portal_was_given_up(
    uncollected: Run,
) -> None:
    second = overlapping(uncollected)
    theirs = hold(second.cwd, EXCLUSIVE)
    assert not driving.start(second)
    second.refresh_from_db()
    assert (second.status, second.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_PORTAL.code)
    os.close(theirs)
    assert driving.start(second)
    assert lock_of(second) == SHARED
    assert driving.end(second).status == RunStatus.SUCCEEDED


class ComesWhileFilesAreListed:
    """Another portal, which takes the directory of `first` when this one lists its files."""

    def __init__(self, first: Run) -> None:
        self.first = first
        self.lock = -1

    def take(self, directory: Path) -> Manifest:
        with keeping_directory(folder_of(self.first)):
            pass
        self.lock = hold(str(directory), EXCLUSIVE)
        return snapshot.take(directory)

    def leave(self) -> None:
        os.close(self.lock)


@pytest.fixture
def ended(home: Home) -> Run:
    """A run whose script has ended, and which holds its directory until it is collected."""
    first = driving.queue(home.experiment())
    assert driving.start(first)
    return driving.reach(first, RunStatus.FINALIZING)


def test_an_overlapping_run_waits_where_the_folder_of_the_run_beside_it_cannot_be_read(
    ended: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start at a terminal would otherwise end with the error of another run's folder."""
    second = overlapping(ended)
    with monkeypatch.context() as patched:
        make_unreadable(patched, ended)
        assert not driving.start(second)
    second.refresh_from_db()
    assert (second.status, second.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_PORTAL.code)
    assert driving.start(second)
    for run in (ended, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_an_overlapping_run_is_queued_again_if_another_portal_came_while_files_were_listed(
    ended: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, theirs = overlapping(ended), ComesWhileFilesAreListed(ended)
    with monkeypatch.context() as patched:
        patched.setattr(launch, "take", theirs.take)
        assert not driving.start(second)
    second.refresh_from_db()
    assert (second.status, second.reason_code) == (RunStatus.QUEUED, reasons.WAITS_FOR_PORTAL.code)
    assert second.launches == 0  # to have waited is no failed launch
    assert folder_of(second).claim() is None
    theirs.leave()
    assert driving.start(second)
    for run in (ended, second):
        assert driving.end(run).status == RunStatus.SUCCEEDED


def test_a_run_that_was_cancelled_while_another_portal_came_is_not_queued_again(
    ended: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, theirs = overlapping(ended), ComesWhileFilesAreListed(ended)

    def take(directory: Path) -> Manifest:
        second.refresh_from_db()
        assert cancel(second, user=None)
        return theirs.take(directory)

    with monkeypatch.context() as patched:
        patched.setattr(launch, "take", take)
        assert not driving.start(second)
    theirs.leave()
    Run.objects.filter(pk=second.pk).update(boot_id="of an earlier boot")  # no time need pass
    assert driving.end(second).status == RunStatus.CANCELLED
    assert driving.end(ended).status == RunStatus.SUCCEEDED


def test_a_run_that_starts_while_another_is_collected_gets_its_lock(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = driving.queue(home.experiment())
    assert driving.start(first)
    driving.reach(first, RunStatus.FINALIZING)
    second = overlapping(first)
    keeper = keeper_of(first)
    os.kill(keeper, signal.SIGSTOP)  # it would let go of the lock in the end
    monkeypatch.setattr(inputs, "note_end", lambda run: driving.start(second))
    assert driving.end(first).status == RunStatus.SUCCEEDED
    assert is_alive(keeper)
    os.kill(keeper, signal.SIGKILL)
    monkeypatch.undo()
    assert driving.end(second).status == RunStatus.SUCCEEDED


def test_where_the_database_is_away_at_the_end_another_run_may_be_there(
    uncollected: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not directories.is_shared(uncollected)

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "exists", away)
        assert directories.is_shared(uncollected)
    driving.end(uncollected)


def write_later(run: Run, name: str, text: str) -> None:
    """Write a file of the directory so that its time is after the end of the run."""
    ended_ns = folder_of(run).recorded_at_ns() or time.time_ns()
    path = Path(run.cwd, name)
    path.parent.mkdir(parents=True, exist_ok=True)

    def is_later() -> bool:
        path.write_text(text)
        return path.stat().st_mtime_ns > ended_ns

    wait_until(is_later, what="the clock of the file system goes on")


def test_what_another_portal_made_before_a_late_collection_is_not_of_this_run(
    uncollected: Run,
) -> None:
    run = uncollected
    write_later(run, "results.csv", "epoch,metrics/mAP50(B)\n9,0.99\n")
    write_later(run, "train.py", "print('another version')")
    write_later(run, f"mlruns/5/{'a' * 32}/meta.yaml", f"run_id: {'a' * 32}\n")
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert not run.files.get(path="results.csv").kept
    assert run.files.get(path="best.pt").kept
    assert run.source_changed == []
    assert not folder_of(run).own_stores.exists()
    [warning] = notices.warnings_of(run)
    assert "after the script had ended" in warning
    assert "results.csv" in warning
    assert "train.py" not in warning


def test_what_changed_after_the_lock_was_lost_during_the_copying_is_uncertain(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", 0)
    run = driving.queue(home.experiment())
    assert driving.start(run)
    driving.reach(run, RunStatus.FINALIZING)

    def kept(directory: Path, *args: Any, **kwargs: Any) -> tuple[KeptFile, ...]:
        keeper = keeper_of(run)
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: not is_alive(keeper), what="the keeper is gone")
        write_later(run, "best.pt", "theirs")
        return keep(directory, *args, **kwargs)

    monkeypatch.setattr(collect, "keep", kept)
    assert driving.end(run).status == RunStatus.SUCCEEDED
    assert run.files.get(path="best.pt").uncertain


def test_a_file_that_was_only_linked_or_opened_to_others_stays_a_result(uncollected: Run) -> None:
    run = uncollected
    weights = Path(run.cwd, "best.pt")
    before_ns = weights.stat().st_ctime_ns

    def is_later() -> bool:
        weights.chmod(0o640)
        weights.chmod(0o600)
        return weights.stat().st_ctime_ns > max(before_ns, folder_of(run).recorded_at_ns() or 0)

    wait_until(is_later, what="the clock of the file system goes on")
    driving.end(run)
    row = run.files.get(path="best.pt")
    assert row.kept
    assert row.uncertain


@pytest.mark.parametrize(
    ("kind", "is_noted"),
    [("nfs4", True), ("cifs", True), ("ext4", False), ("fuse.mergerfs", False)],
)
def test_a_run_says_where_its_lock_does_not_reach_the_portals_of_other_machines(
    uncollected: Run, monkeypatch: pytest.MonkeyPatch, kind: str, is_noted: bool
) -> None:
    device = os.stat(uncollected.cwd).st_dev
    monkeypatch.setattr(directories, "file_systems", lambda: {device: kind})
    directories.note_lock(uncollected, folder_of(uncollected))
    uncollected.refresh_from_db()
    warnings = notices.warnings_of(uncollected)
    assert any(f"on {kind}, where it is locked" in warning for warning in warnings) is is_noted
    driving.end(uncollected)


def test_what_came_after_a_lost_run_is_uncertain(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", 0)
    monkeypatch.setattr(collect, "HEARTBEAT_S", 0)
    run = driving.queue(home.experiment(script=WAITS))
    assert driving.start(run)
    driving.reach(run, RunStatus.RUNNING)
    os.kill(supervisor_pid(folder_of(run)), signal.SIGKILL)
    write_later(run, "best.pt", "theirs")
    assert driving.end(run).status == RunStatus.LOST
    assert run.files.get(path="best.pt").uncertain


def test_without_a_lock_the_clock_of_a_file_server_hides_no_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "CLOCK_SLACK_NS", -(10**12))  # as if the server's were ahead

    @contextmanager
    def locked(run: Run, host: str) -> Iterator[DirectoryLock]:
        yield DirectoryLock(mode=SHARED_LATER, descriptor=None)

    monkeypatch.setattr(directories, "locked", locked)
    run = driving.run_to_end(home.experiment())
    assert run.status == RunStatus.SUCCEEDED
    assert run.files.get(path="best.pt").kept

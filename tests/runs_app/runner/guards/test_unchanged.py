"""What was checked before a start is still the same when the directory is locked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runs_app.runner.guards.directory_lock import EXCLUSIVE, hold
from runs_app.runner.guards.unchanged import changed, state_of
from tests.runs_app.runner.scripts import prepare, run_to_its_end, spawn, wait_for


def rewrite(path: Path) -> None:
    """Write other bytes of the same length, and set back the time of the change."""
    facts = path.stat()
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def replace(path: Path) -> None:
    beside = path.with_name("other.pt")
    beside.write_bytes(b"weights")
    beside.replace(path)


@pytest.mark.parametrize("change", [rewrite, replace, Path.unlink])
def test_every_change_of_a_file_shows(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "best.pt"
    path.write_bytes(b"weights")
    files = {str(path): state_of(path.stat())}
    assert changed(files) is None
    change(path)
    assert changed(files) == str(path)


@pytest.mark.processes
def test_a_script_does_not_start_if_another_portal_wrote_what_it_reads(tmp_path: Path) -> None:
    experiment = tmp_path / "experiment"
    experiment.mkdir()
    weights = experiment / "best.pt"
    weights.write_bytes(b"weights")
    lock = {"directory": str(experiment), "directory_lock": EXCLUSIVE}
    descriptor = hold(str(experiment), EXCLUSIVE)
    checked = {str(weights): state_of(weights.stat())}
    folder = prepare(tmp_path, "print('started')", unchanged=checked, **lock)
    spawn(folder)
    wait_for(lambda: b"another portal" in folder.supervisor_log.read_bytes() or None)
    rewrite(weights)
    os.close(descriptor)
    record = wait_for(folder.exit_record)
    assert (record.why, record.started_at) == ("launch_failed", None)
    assert "best.pt was changed" in record.error
    assert folder.stdout.read_bytes() == b""


@pytest.mark.processes
def test_a_script_starts_if_what_it_reads_is_as_it_was(tmp_path: Path) -> None:
    weights = tmp_path / "best.pt"
    weights.write_bytes(b"weights")
    checked = {str(weights): state_of(weights.stat())}
    _folder, record = run_to_its_end(tmp_path, "", unchanged=checked)
    assert record.exit_code == 0

"""A scan that is interrupted or killed leaves no process, no half file and nothing in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.factories import make_directory
from tests.trees import fingerprint
from tests.waiting import LIMIT_S, wait_until

pytestmark = pytest.mark.processes

MANAGE = Path(__file__).parents[3] / "manage.py"
# Parsing cannot be interrupted, so no file is long; but a directory has so many of them that no
# machine reads them all while a test looks for the readers.
LONG = "x = [1, 2, 3, 4, 5, 6, 7, 8]\n" * 13_000
LONG_FILES = 120


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "long.py").write_text(LONG)
    for number in range(6):
        directory = make_directory(
            tmp_path / "experiments", f"posco-pohang-task{number}", {"train.py": "model.fit()\n"}
        )
        for name in range(LONG_FILES):
            (directory / f"long{name}.py").hardlink_to(tmp_path / "long.py")
    return tmp_path / "experiments"


@pytest.fixture
def running(root: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A scan from a terminal whose readers are at work."""
    process = subprocess.Popen(
        [sys.executable, str(MANAGE), "scan_experiments", "--output", str(tmp_path / "draft.yaml")],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(tmp_path / "home"),
            "GUARDIANFLOW_ROOTS": str(root),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def readers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait for the readers of a scan, and until one has used the processor for a while."""

    def at_work() -> list[psutil.Process]:
        found = psutil.Process(process.pid).children()
        return found if any(item.cpu_times().user > 0.6 for item in found) else []

    return wait_until(at_work, what="a reader at work")


@pytest.mark.proof
def test_interrupting_a_scan_leaves_nothing(
    running: subprocess.Popen[str], root: Path, tmp_path: Path
) -> None:
    before = fingerprint(root)
    readers = readers_of(running)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    output = running.communicate(timeout=LIMIT_S)[1]
    assert running.returncode == 130
    assert "The scan was interrupted; nothing was changed." in output
    assert "Traceback" not in output
    assert not [reader for reader in readers if reader.is_running()]
    assert not (tmp_path / "draft.yaml").exists()
    assert not list((tmp_path / "home" / "scan-cache").glob(".*"))
    assert fingerprint(root) == before


@pytest.mark.proof
def test_readers_leave_with_a_scan_that_is_killed(running: subprocess.Popen[str]) -> None:
    readers = readers_of(running)
    running.kill()
    gone, left = psutil.wait_procs(readers, timeout=LIMIT_S)
    assert not left
    assert len(gone) == len(readers)

"""Run folders with real little scripts, for the tests of the runner."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from runs_app.runner.environment import script_environment
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import ExitRecord, Spec
from runs_app.runner.process import spawn_supervisor
from tests.waiting import wait_until

T = TypeVar("T")


def wait_for(look: Callable[[], T | None]) -> T:
    """Return the first thing that `look` sees of a supervisor or its script."""
    return wait_until(look, what="the supervisor or its script comes so far")


def prepare(base: Path, code: str, **spec: object) -> RunFolder:
    """Write a script and the run folder that would start it."""
    directory = base / "experiment"
    directory.mkdir(exist_ok=True)
    (directory / "train.py").write_text(code, encoding="utf-8")
    folder = RunFolder(base / f"run-{uuid.uuid4()}")
    values: dict[str, object] = {
        "run": str(uuid.uuid4()),
        "token": uuid.uuid4().hex,
        "argv": (sys.executable, "train.py"),
        "cwd": str(directory),
        # A busy machine may need long to let a script end; where it must not end, 0 is given.
        "grace_s": 600,
        **spec,
    }
    folder.create(Spec(**values))  # type: ignore[arg-type]
    return folder


def spawn(folder: RunFolder, **extra: str) -> None:
    environment = script_environment(
        {**os.environ, **extra},
        interpreter=Path(sys.executable),
        cwd=Path(folder.spec().cwd),
        run_id=folder.spec().run,
        folder=folder,
        context_tags={},
    )
    spawn_supervisor(folder, environment)


def run_to_its_end(base: Path, code: str, **spec: object) -> tuple[RunFolder, ExitRecord]:
    folder = prepare(base, code, **spec)
    spawn(folder)
    return folder, wait_for(folder.exit_record)


def is_alive(pid: int) -> bool:
    """Whether a process lives; one that waits to be collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def watched_by(keeper: int) -> set[int]:
    """The processes as long as one of which lives a keeper keeps its lock."""
    targets = map(os.readlink, Path(f"/proc/{keeper}/fd").iterdir())
    names = [target.removeprefix("/proc/") for target in targets]
    return {int(name) for name in names if name.isdigit()}

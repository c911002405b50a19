"""A real limit of memory: the kernel kills what goes beyond it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runs_app.runner import supervisor
from tests.processes import below

LIMIT_BYTES = 96 * 2**20


@contextlib.contextmanager
def limited(pid: int, cgroup: str) -> Iterator[None]:
    """Limit the memory of a process and its children, or skip the test with the reason.

    `cgroup` is the control group of its run, '' if it has none. Where that cannot count memory,
    the process is moved to a group of the older kind.
    """
    limit = Path(cgroup, "memory.max")
    if cgroup and limit.exists():
        Path(cgroup, "memory.swap.max").write_text("0")
        limit.write_text(str(LIMIT_BYTES))
        yield
        return
    group = _older_group()
    try:
        (group / "memory.limit_in_bytes").write_text(str(LIMIT_BYTES))
        for process in (psutil.Process(pid), *below(pid)):
            with contextlib.suppress(ProcessLookupError):
                (group / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        _remove(group)


def _older_group() -> Path:
    """Make a memory group below our own (cgroup v1)."""
    own = [
        line.rstrip("\n").split(":", 2)[2]
        for line in Path("/proc/self/cgroup").read_text().split("\n")
        if ":memory:" in line
    ]
    mounts = [mount for mount in psutil.disk_partitions(all=True) if mount.fstype == "cgroup"]
    places = [Path(mount.mountpoint) for mount in mounts if "memory" in mount.opts.split(",")]
    if not own or not places:
        pytest.skip("no control group here can limit memory")
    above = places[0] / own[0].lstrip("/")
    group = (above if above.is_dir() else places[0]) / f"guardianflow-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    return group


def _remove(group: Path) -> None:
    """Remove a group once the killed processes have left it."""
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        os.sched_yield()


def kills() -> int:
    """Return how many processes of this machine were killed for memory."""
    return supervisor.oom_kills("")

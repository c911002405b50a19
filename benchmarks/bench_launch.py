"""From the button to the script's first line under a stream of runs, and the memory of `up`.

    .venv/bin/python benchmarks/bench_launch.py [RUNS] [SECONDS]

`guardianflow up` serves a portal in a new data directory with the embedded MLflow. As soon as its
worker is there, 120 runs are requested at even intervals within a minute, whether or not the
earlier ones have begun. The memory is that of all processes of `up`, shared pages counted once:
when MLflow has every run, and two minutes later.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_portal import PROJECT, BenchPortal, wait_for

if TYPE_CHECKING:
    from runs_app.models import Run

RUNS, SECONDS = 120, 60.0
DIRECTORIES = 40
FIRST = 10
LATER_S = 120.0
FIRST_LINE = "import time\nprint(time.time_ns(), flush=True)\n"
MEBIBYTE = 2**20


def main() -> None:
    """Print the times and the memory with their goals."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory() as base:
        portal = BenchPortal(Path(base), GUARDIANFLOW_SLOTS=str(DIRECTORIES))
        up = start(portal)
        try:
            times = stream(portal, runs, seconds)
            report(times)
            wait_for(lambda: all(portal.row(run)[1] == "sent" for run, _ in times), limit_s=600)
            report_memory(up, f"MLflow has {runs} runs")
            time.sleep(LATER_S)
            report_memory(up, "two minutes later")
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)


def start(portal: BenchPortal) -> subprocess.Popen[bytes]:
    """Start `up` and wait until its worker ticks and reads messages."""
    from runs_app.models import HostHeartbeat
    from runs_app.queue import sockets

    argv = [sys.executable, str(PROJECT / "manage.py"), "up"]
    argv += ["--port", str(free_port()), "--mlflow-port", str(free_port())]
    with (portal.home.parent / "up.log").open("wb") as log:
        up = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    reader = portal.home / sockets.Listener.CLUSTER
    wait_for(lambda: HostHeartbeat.objects.exists() and reader.exists())
    return up


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stream(portal: BenchPortal, runs: int, seconds: float) -> list[tuple[Run, int]]:
    """Request runs at even intervals; return them with the nanosecond before each request."""
    made = [portal.experiment(f"line-{number}", FIRST_LINE) for number in range(DIRECTORIES)]
    asked, began = [], time.monotonic()
    for number in range(runs):
        time.sleep(max(0.0, began + number * seconds / runs - time.monotonic()))
        before_ns = time.time_ns()
        asked.append((portal.queue(made[number % DIRECTORIES]), before_ns))
    for run, _ in asked:
        portal.wait_for_end(run)
    return asked


def report(asked: list[tuple[Run, int]]) -> None:
    """Print how long it took from each request to the script's first line."""
    took = [
        (int((run.folder / "stdout.log").read_text()) - before_ns) / 1e9 for run, before_ns in asked
    ]
    ordered = sorted(took)
    p95 = ordered[math.ceil(len(ordered) * 0.95) - 1]
    print(
        f"request to first line, {len(took)} runs: median {statistics.median(took):.2f} s, p95 "
        f"{p95:.2f} s (goal 0.4 s), longest {ordered[-1]:.2f} s; the first {FIRST} in a new home: "
        f"longest {max(took[:FIRST]):.2f} s; load {os.getloadavg()[0]:.1f}"
    )


def report_memory(up: subprocess.Popen[bytes], when: str) -> None:
    """Print the memory of all processes of `up`, scripts and supervisors excluded."""
    top = psutil.Process(up.pid)
    held: dict[str, float] = {}
    for process in (top, *top.children(recursive=True)):
        try:
            words = [word for word in process.cmdline()[1:] if not word.startswith("-")]
            name = " ".join(Path(word).name for word in words[:3])[:40]
            held[f"{name} {process.pid}"] = process.memory_full_info().pss / MEBIBYTE
        except psutil.NoSuchProcess:
            continue
    print(f"memory, {when}: {sum(held.values()):.0f} MiB (goal 700 MiB)")
    for name, mebibytes in sorted(held.items(), key=lambda item: -item[1]):
        print(f"  {mebibytes:6.0f}  {name}")


if __name__ == "__main__":
    main()

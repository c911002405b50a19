"""The overhead of the supervisor: time around a script, time while it prints, memory and CPU.

    .venv/bin/python benchmarks/bench_supervisor.py

Bare and supervised rounds take turns, so that other load on the machine affects both; the ratios
are medians over the rounds. For the output they are also given of the CPU time, which other load
changes least: each way's least. Scripts get the environment that runs get, so their output is
unbuffered, and are compared with bare Python both as users start it and with that variable. Goals
are shown next to the figures.
"""

from __future__ import annotations

import ctypes
import operator
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runs_app.runner.environment import BUFFERED, script_environment
from runs_app.runner.folder import RunFolder
from runs_app.runner.folder_records import Spec
from runs_app.runner.process import ask_to_stop, spawn_supervisor

LIMIT_S = 600.0
POLL_S = 0.001
EMPTY_ROUNDS = 15
PRINT_ROUNDS = 5
PRINTED_BYTES = 50_000_000
WATCHED_S = 20.0
PRINT = f"line = 'x' * 99\nfor _ in range({PRINTED_BYTES // 100}):\n    print(line)\n"
SLEEP = "import time\ntime.sleep(600)\n"
MEBIBYTE = 2**20
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Print each figure with its goal."""
    with tempfile.TemporaryDirectory() as base:
        directory = Path(base)
        environment = script_environment(
            os.environ,
            interpreter=Path(sys.executable),
            cwd=directory,
            run_id="bench",
            folder=RunFolder(directory / "run"),
            context_tags={},
        )
        print_empty(directory, environment)
        print_output(directory, environment)
        print_growth(directory, environment)
        resident, cpu = footprint(directory, environment)
        print(f"supervisor: {resident / MEBIBYTE:.1f} MiB (goal 16), {cpu:.2%} CPU (goal 0.30%)")


def print_empty(directory: Path, environment: dict[str, str]) -> None:
    """Print what the supervisor adds to an empty script."""
    (directory / "script.py").write_text("", encoding="utf-8")
    ways = (partial(bare_s, directory, environment), partial(supervised_s, directory, environment))
    bare, supervised = turns(ways, rounds=EMPTY_ROUNDS)
    added = statistics.median(map(operator.sub, supervised, bare))
    print(
        f"empty script: bare {statistics.median(bare):.3f} s, supervised +{added:.3f} s "
        "(goal +0.10 s, quiet)"
    )


def print_output(directory: Path, environment: dict[str, str]) -> None:
    """Print the price of 50 MB of `print`, by default and with `resources.buffered`."""
    (directory / "script.py").write_text(PRINT, encoding="utf-8")
    plain = {name: value for name, value in environment.items() if name not in BUFFERED}
    ways = (
        partial(bare_s, directory, plain),
        partial(bare_s, directory, environment),
        partial(supervised_s, directory, environment),
        partial(supervised_s, directory, environment | dict(BUFFERED)),
    )
    # A supervisor is detached, so its CPU time would be no descendant's.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    used: dict[int, list[float]] = {number: [] for number in range(len(ways))}
    counted = [partial(counting, way, used[number]) for number, way in enumerate(ways)]
    bare, unbuffered, default, buffered = turns(counted, rounds=PRINT_ROUNDS)
    print(f"50 MB printed: bare {statistics.median(bare):.2f} s")
    print(f"bare with PYTHONUNBUFFERED: {spread(unbuffered, bare)}")
    print(f"a run: {spread(default, bare)}; of bare with it: {spread(default, unbuffered)} (1.05)")
    print(f"a run with resources.buffered: {spread(buffered, bare)} (goal x1.2)")
    least = [min(seconds) for seconds in used.values()]
    print(f"its CPU time: {least[3]:.2f} s, bare {least[0]:.2f} s: x{least[3] / least[0]:.2f}")


def counting(way: Callable[[], float], used: list[float]) -> float:
    """Return the seconds of a way, and add the CPU seconds of all its processes to `used`."""
    before = cpu_of_children_s()
    took = way()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used.append(cpu_of_children_s() - before)
    return took


def cpu_of_children_s() -> float:
    """Return the CPU seconds of the descendants that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def turns(ways: Sequence[Callable[[], float]], *, rounds: int) -> list[tuple[float, ...]]:
    """Return the seconds of each way in all rounds but the first, which warms the page cache."""
    taken = [[way() for way in ways] for _ in range(rounds + 1)]
    return list(zip(*taken[1:], strict=True))


def spread(times: Sequence[float], beside: Sequence[float]) -> str:
    """Return how many times as long it took as what it took turns with: median and range."""
    ratios = list(map(operator.truediv, times, beside))
    return f"x{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def bare_s(directory: Path, environment: dict[str, str]) -> float:
    """Return the seconds of the script alone, writing straight to a file."""
    log = directory / "bare.log"
    begin = time.perf_counter()
    with log.open("wb") as out:
        argv = [sys.executable, "script.py"]
        subprocess.run(argv, cwd=directory, env=environment, stdout=out, check=True)
    took = time.perf_counter() - begin
    log.unlink()
    return took


def supervised_s(directory: Path, environment: dict[str, str]) -> float:
    """Return the seconds from the launch to the exit record."""
    begin = time.perf_counter()
    folder = launch(directory, environment)
    wait_for(lambda: folder.exit_record() is not None)
    took = time.perf_counter() - begin
    record = folder.exit_record()
    if record is None or record.exit_code or record.stdout_bytes != folder.stdout.stat().st_size:
        raise SystemExit(f"the supervised script did not end well: {record}")
    folder.stdout.unlink()
    return took


def print_growth(directory: Path, environment: dict[str, str]) -> None:
    """Print the supervisor's memory before and after it handled 50 MB of output."""
    (directory / "script.py").write_text(PRINT + SLEEP, encoding="utf-8")
    folder = launch(directory, environment)
    wait_for(lambda: folder.started() is not None)
    started = folder.started()
    if started is None:
        raise SystemExit("the script was not started")
    before = resident_bytes(started.pid)
    wait_for(lambda: folder.output_bytes() >= PRINTED_BYTES - 2**20)
    after = resident_bytes(started.pid)
    ask_to_stop(folder)
    wait_for(lambda: folder.exit_record() is not None)
    folder.stdout.unlink()
    print(f"its memory over 50 MB: {before / MEBIBYTE:.1f} -> {after / MEBIBYTE:.1f} MiB (flat)")


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def footprint(directory: Path, environment: dict[str, str]) -> tuple[int, float]:
    """Return the resident bytes of a waiting supervisor and its share of one core."""
    (directory / "script.py").write_text(SLEEP, encoding="utf-8")
    folder = launch(directory, environment)
    wait_for(lambda: folder.started() is not None)
    started = folder.started()
    if started is None:
        raise SystemExit("the script was not started")
    before = cpu_s(started.pid)
    time.sleep(WATCHED_S)
    share = (cpu_s(started.pid) - before) / WATCHED_S
    resident = resident_bytes(started.pid)
    ask_to_stop(folder)
    wait_for(lambda: folder.exit_record() is not None)
    return resident, share


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    text = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii")
    return int(text.split()[0]) / 1e9


def launch(directory: Path, environment: dict[str, str]) -> RunFolder:
    """Start script.py under a supervisor in a run folder of its own."""
    folder = RunFolder(directory / f"run-{uuid.uuid4()}")
    name = folder.path.name
    argv = (sys.executable, "script.py")
    folder.create(Spec(run=name, token=name, argv=argv, cwd=str(directory)))
    spawn_supervisor(folder, environment)
    return folder


def wait_for(seen: Callable[[], bool]) -> None:
    """Wait until `seen` returns true; exit with an error on a timeout."""
    until = time.monotonic() + LIMIT_S
    while not seen():
        if time.monotonic() > until:
            raise SystemExit(f"nothing happened in {LIMIT_S} s")
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()

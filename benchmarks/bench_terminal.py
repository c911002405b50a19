"""`guardianflow run` next to the bare script and to other run trackers: an empty script, 50 MB.

    .venv/bin/python benchmarks/bench_terminal.py [ROUNDS]

`PEERS` names a virtual environment outside of the project with exptrack, sacred and guildai; what
is missing in it is left out. All take turns, so that other load affects each of them, and each is
used as its users do: the portal's scripts are unbuffered, the others' are not. CPU seconds are
those of the command and of all that it started and that had ended by then; what goes on in the
background, such as sending to MLflow, is waited for before the next turn and counted apart.
"""

from __future__ import annotations

import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_portal import BenchPortal

ROUNDS = 12
LINES = 500_000
EMPTY, PRINTS = "", f"for number in range({LINES}):\n    print('x' * 99)\n"
PR_SET_CHILD_SUBREAPER = 36
SACRED = """\
import runpy
from sacred import Experiment
from sacred.observers import FileStorageObserver
experiment = Experiment("train")
experiment.observers.append(FileStorageObserver("runs"))
@experiment.main
def main():
    runpy.run_path("train.py", run_name="__main__")
experiment.run_commandline()
"""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to run `train.py` of a directory."""

    name: str
    argv: Sequence[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one use of a way took, in seconds; `later_s` is CPU time after the command's end."""

    wall_s: float
    cpu_s: float
    later_s: float


def main() -> None:
    """Print a table for each script."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    # Supervisors and senders become children of this process, so that their time is known.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as base:
        portal = BenchPortal(Path(base))
        measure(
            "empty",
            ways(portal, Path(base), "empty", EMPTY, ("exptrack", "sacred", "guild")),
            rounds,
        )
        # Guild writes an index line by line: half a minute each time.
        measure(
            "prints", ways(portal, Path(base), "prints", PRINTS, ("exptrack", "sacred")), rounds
        )


def measure(title: str, used: Sequence[Way], rounds: int) -> None:
    """Let all ways take turns, the first one uncounted; print their medians."""
    turns: dict[str, list[Turn]] = {way.name: [] for way in used}
    for number in range(rounds + 1):
        for way in used:
            turn = take(way)
            if number:
                turns[way.name].append(turn)
    bare = turns[used[0].name]
    print(f"{title}, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for name, taken in turns.items():
        added = [turn.wall_s - other.wall_s for turn, other in zip(taken, bare, strict=True)]
        ratio = [turn.wall_s / other.wall_s for turn, other in zip(taken, bare, strict=True)]
        print(
            f"  {name:18} {median(taken, wall):6.3f} s, {statistics.median(added):+.3f} s "
            f"({min(added):+.3f} to {max(added):+.3f}), x{statistics.median(ratio):.2f}; CPU "
            f"{median(taken, lambda turn: turn.cpu_s):.3f} s, later "
            f"{median(taken, lambda turn: turn.later_s):.2f} s"
        )


def ways(portal: BenchPortal, base: Path, name: str, code: str, beside: Sequence[str]) -> list[Way]:
    """Return the ways to run a script: bare first, then the portal, then the peers there are."""
    directory = Path(portal.experiment(name, code).path)
    program = str(Path(sys.executable).with_name("guardianflow"))
    unbuffered = {"PYTHONUNBUFFERED": "1"}
    python = [sys.executable, "train.py"]
    return [
        Way(name="bare", argv=python, directory=directory),
        Way(name="bare, unbuffered", argv=python, directory=directory, environment=unbuffered),
        Way(name="guardianflow run", argv=[program, "run", name], directory=directory),
        *peers(base / f"peers-{name}", code, beside),
    ]


def peers(base: Path, code: str, names: Sequence[str]) -> list[Way]:
    """Return those of the named peers that are installed, each in a directory of its own."""
    where = os.environ.get("PEERS", "")
    if not where:
        print("no peers: PEERS is not set")
        return []
    programs = Path(where) / "bin"
    found = []
    for name in names:
        directory = base / name
        directory.mkdir(parents=True)
        (directory / "train.py").write_text(code)
        way = PEERS[name](programs, directory)
        if is_usable(way):
            found.append(way)
        else:
            print(f"no {name} in {where}")
    return found


def exptrack(programs: Path, directory: Path) -> Way:
    program = str(programs / "exptrack")
    if Path(program).exists():
        quiet = subprocess.DEVNULL
        subprocess.run([program, "init"], cwd=directory, stdin=quiet, stdout=quiet, check=True)
    return Way(name="exptrack", argv=[program, "run", "train.py"], directory=directory)


def sacred(programs: Path, directory: Path) -> Way:
    (directory / "tracked.py").write_text(SACRED)
    argv = [str(programs / "python"), "tracked.py"]
    return Way(name="sacred", argv=argv, directory=directory)


def guild(programs: Path, directory: Path) -> Way:
    home = directory / "home"
    home.mkdir()
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    return Way(
        name="guild",
        argv=[str(programs / "guild"), "run", "train.py", "-y"],
        directory=directory,
        environment={"GUILD_HOME": str(home), "PATH": path},
    )


PEERS: dict[str, Callable[[Path, Path], Way]] = {
    "exptrack": exptrack,
    "sacred": sacred,
    "guild": guild,
}


def is_usable(way: Way) -> bool:
    """Whether a peer runs its script; it is then warm as well."""
    try:
        take(way)
    except (OSError, SystemExit):
        return False
    return True


def take(way: Way) -> Turn:
    """Use a way once, and wait for what it left in the background; exits if it fails."""
    environment = {**os.environ, **way.environment}
    begin = time.perf_counter()
    command = subprocess.Popen(
        way.argv,
        cwd=way.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _pid, status, used = os.wait4(command.pid, 0)
    wall_s = time.perf_counter() - begin
    command.returncode = os.waitstatus_to_exitcode(status)
    cpu_s = used.ru_utime + used.ru_stime + orphans_s(os.WNOHANG)
    later_s = orphans_s(0)
    if status:
        raise SystemExit(f"{way.name} ended with {command.returncode}")
    return Turn(wall_s=wall_s, cpu_s=cpu_s, later_s=later_s)


def orphans_s(how: int) -> float:
    """Return the CPU seconds of the orphans that have ended; with 0, wait for all of them."""
    total = 0.0
    while True:
        try:
            pid, _status, used = os.wait4(-1, how)
        except ChildProcessError:
            return total
        if not pid:
            return total
        total += used.ru_utime + used.ru_stime


def median(taken: Sequence[Turn], of: Callable[[Turn], float]) -> float:
    return statistics.median(map(of, taken))


def wall(turn: Turn) -> float:
    return turn.wall_s


if __name__ == "__main__":
    main()

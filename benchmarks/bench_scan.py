"""The cost of a scan, next to a bare walk through the same tree.

    .venv/bin/python benchmarks/bench_scan.py                       100 experiments, made for it
    .venv/bin/python benchmarks/bench_scan.py --experiments 1000    2 million files: large on disk
    .venv/bin/python benchmarks/bench_scan.py --tree ~/experiments  what is there

Cold: no cache, against `os.scandir` over everything and `ast.parse` of the same scripts in one
process. Warm: nothing changed, against a walk with a `stat` of every file. Each measurement is a
process of its own, timed inside it; they take turns, so that other load on the machine affects
all; ratios are medians over the rounds. CPU is that of all processes together, and says more than
wall time on a busy machine. Goals are shown next to the figures.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from scan_tree import make_tree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

MEBIBYTE = 2**20
Figures = dict[str, float]


def main() -> None:
    """Create a tree or use a given one, measure, and print each figure with its goal."""
    options = _options()
    if options.measure:
        print(json.dumps(measure(options.measure, options.tree)))
        return
    with tempfile.TemporaryDirectory(dir=options.temporary) as base:
        tree = options.tree or Path(base) / "experiments"
        if not options.tree:
            begin = time.perf_counter()
            make_tree(
                tree,
                experiments=options.experiments,
                scripts=options.scripts,
                data_files=options.data_files,
            )
            print(f"the tree was made in {time.perf_counter() - begin:.0f} s")
        describe(tree)
        compare(tree, Path(base) / "home", rounds=options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--experiments", type=int, default=100)
    parser.add_argument("--scripts", type=int, default=30, help="of each experiment")
    parser.add_argument("--data-files", type=int, default=2000, help="of each experiment")
    parser.add_argument("--tree", type=Path, help="a folder of experiments to take instead")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--temporary", type=Path, help="where the tree is made; default: TMPDIR")
    parser.add_argument("--measure", choices=list(MEASURES), help=argparse.SUPPRESS)
    return parser.parse_args()


def describe(tree: Path) -> None:
    scripts = [path for path, _entry in walked(tree) if path.endswith(".py")]
    files = sum(1 for _ in walked(tree))
    mean = statistics.mean(os.path.getsize(path) for path in scripts)
    print(
        f"{sum(1 for _ in os.scandir(tree))} directories, {files} files, {len(scripts)} scripts of "
        f"{mean / 1000:.1f} kB on average; {len(os.sched_getaffinity(0))} processors"
    )


def compare(tree: Path, home: Path, *, rounds: int) -> None:
    """Print the medians of the rounds."""
    seen: dict[str, list[Figures]] = {name: [] for name in ("bare", "cold", "stat", "warm")}
    for _ in range(rounds):
        for path in (home / "scan-cache").glob("*"):
            path.unlink()
        for name, figures in seen.items():
            figures.append(in_a_process(name, tree, home))
    for name, figures in seen.items():
        wall, cpu = (
            statistics.median(figure[key] for figure in figures) for key in ("wall_s", "cpu_s")
        )
        rss = max(figure["rss_mib"] for figure in figures)
        of_readers = max(figure["readers_rss_mib"] for figure in figures)
        print(
            f"{name:5} {wall:8.2f} s   {cpu:8.2f} s CPU   "
            f"{rss:6.0f} MiB itself, {of_readers:4.0f} MiB its largest reader"
        )
    for name, base, goal in (("cold", "bare", 3.0), ("warm", "stat", 1.0)):
        for key, measured in (("wall_s", "wall"), ("cpu_s", "CPU")):
            ratios = [
                one[key] / other[key] for one, other in zip(seen[name], seen[base], strict=True)
            ]
            shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            median = statistics.median(ratios)
            print(f"{name} / {base}, {measured}: {median:.2f} (goal {goal}; rounds {shown})")


def in_a_process(name: str, tree: Path, home: Path) -> Figures:
    """Measure in a fresh process, with its own memory and garbage collection."""
    environment = {
        **os.environ,
        "GUARDIANFLOW_HOME": str(home),
        "GUARDIANFLOW_ROOTS": str(tree),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    argv = [sys.executable, __file__, "--measure", name, "--tree", str(tree)]
    done = subprocess.run(argv, env=environment, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def measure(name: str, tree: Path) -> Figures:
    """Return the cost of one pass through the tree, without the start of this process."""
    way = MEASURES[name]()
    begin, cpu = time.perf_counter(), _cpu_s()
    way(tree)
    wall_s, cpu_s = time.perf_counter() - begin, _cpu_s() - cpu
    kibibytes = {
        who: resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    }
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "rss_mib": kibibytes[resource.RUSAGE_SELF] / 1024,
        "readers_rss_mib": kibibytes[resource.RUSAGE_CHILDREN] / 1024,
    }


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def walked(folder: Path | str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every file below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from walked(entry.path)
            else:
                yield entry.path, entry


def bare() -> Callable[[Path], None]:
    def run(tree: Path) -> None:
        warnings.simplefilter("ignore")
        for path, _entry in walked(tree):
            if path.endswith(".py"):
                try:
                    ast.parse(Path(path).read_bytes())
                except (SyntaxError, ValueError):
                    continue

    return run


def with_stat() -> Callable[[Path], None]:
    def run(tree: Path) -> None:
        for _path, entry in walked(tree):
            entry.stat(follow_symlinks=False)

    return run


def scanned() -> Callable[[Path], None]:
    import django

    django.setup()
    from registry_app.scan.run import scan

    return lambda tree: print(len(scan([tree]).experiments), file=sys.stderr)


MEASURES = {"bare": bare, "cold": scanned, "stat": with_stat, "warm": scanned}


if __name__ == "__main__":
    main()

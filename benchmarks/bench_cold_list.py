"""The cost of a cold `guardianflow list`, next to a minimal Django program and an MLflow import.

    .venv/bin/python benchmarks/bench_cold_list.py

CPU seconds (user + system) of whole processes, the median of several, measured in turns so that
other load on the machine affects all of them.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 7
BASE = Path(__file__).resolve().parent.parent
SETUP = (
    "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'portal.settings'; django.setup()"
)
PROGRAMS = {
    "python": [sys.executable, "-c", "pass"],
    "django.setup()": [sys.executable, "-c", SETUP],
    "guardianflow list": [sys.executable, str(BASE / "manage.py"), "list_experiments"],
    "import mlflow": [sys.executable, "-c", "import mlflow"],
}


def cpu_s(argv: list[str], environment: dict[str, str]) -> float:
    """Return the CPU seconds that one process and its children used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, env=environment, cwd=BASE, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the medians and their ratios to the smallest Django program."""
    with tempfile.TemporaryDirectory() as home:
        roots = f"{home}-experiments"
        environment = {**os.environ, "GUARDIANFLOW_HOME": home, "GUARDIANFLOW_ROOTS": roots}
        for argv in PROGRAMS.values():  # compile, migrate, warm the page cache
            cpu_s(argv, environment)
        used: dict[str, list[float]] = {name: [] for name in PROGRAMS}
        for _ in range(ROUNDS):
            for name, argv in PROGRAMS.items():
                used[name].append(cpu_s(argv, environment))
    base = statistics.median(used["django.setup()"])
    for name, seconds in used.items():
        median = statistics.median(seconds)
        print(f"{name:20} {median:6.2f} s CPU   {median / base:5.2f} x django.setup()")


if __name__ == "__main__":
    main()

"""Kills the worker by force, again and again, and counts what was done twice.

    .venv/bin/python benchmarks/bench_worker_kills.py [--kills 200] [--minutes 60]

Each kill ends every process of the worker at once, aimed at one phase of a run: its claim, the
spawning of its supervisor, the script itself, its exit, the collection of its outputs, the sending
to MLflow. The phase is read from row and run folder right before the kill, so that the counts show
which phase was really hit. In the end every run must have started once (counted by its script) and
ended once (counted by the database), have a complete log, and be in MLflow once.
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_portal import ENDED, BenchPortal, wait_for

if TYPE_CHECKING:
    from runs_app.models import Run

PHASES = ("claim", "spawn", "run", "exit", "copy", "send")
AIM_LIMIT_S = 15.0
SCRIPT = """\
import os, time
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
print("first", flush=True)
for number in range(30):
    with open(f"part-{number}.csv", "w") as file:
        file.write(f"epoch,{time.time()}\\n")
with open("best.pt", "wb") as file:
    file.write(os.urandom(2**22))
time.sleep(0.3)
print("last", flush=True)
"""


def main() -> None:
    """Kill the worker repeatedly, let all runs end, and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60, help="kill no longer than this")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as base:
        store = f"sqlite:///{base}/mlflow.sqlite3"
        portal = BenchPortal(Path(base), MLFLOW_TRACKING_URI=store, GUARDIANFLOW_SLOTS="3")
        hit: collections.Counter[str] = collections.Counter()
        runs = []
        try:
            for number in range(options.kills):
                if time.monotonic() > until:
                    break
                experiment = portal.experiment(f"bct-{number}", SCRIPT)
                portal.start_worker()
                run = portal.queue(experiment)
                runs.append(run)
                hit[aim(portal, run, PHASES[number % len(PHASES)])] += 1
                print(f"\r{number + 1}", end="", file=sys.stderr, flush=True)
            portal.start_worker()
            settle(portal, runs)
        finally:
            portal.kill_worker()
        report(portal, runs, hit)


def aim(portal: BenchPortal, run: Run, phase: str) -> str:
    """Kill the worker once the run is in this phase, or past it; return the phase hit."""
    until = time.monotonic() + AIM_LIMIT_S
    order = {name: place for place, name in enumerate(("queued", *PHASES, "over"))}
    while True:
        seen = phase_of(portal, run)
        if order[seen] >= order[phase] or time.monotonic() > until:
            portal.kill_worker()
            return seen
        time.sleep(0.0005)


def phase_of(portal: BenchPortal, run: Run) -> str:
    """Return the present phase of a run, from its row and its folder."""
    status, mlflow_state = portal.row(run)
    if status == "queued":
        return "queued"
    if status == "finalizing":
        return "copy"
    if status in ENDED:
        return "over" if mlflow_state == "sent" else "send"
    if (run.folder / "exit.json").exists():
        return "exit"
    if (run.folder / "started.json").exists():
        return "run"
    return "spawn" if (run.folder / "spec.json").exists() else "claim"


def settle(portal: BenchPortal, runs: list[Run]) -> None:
    """Wait until every run has ended and was sent to MLflow; make postponed work due now."""
    from runs_app.models import Run

    wait_for(lambda: all(portal.row(run)[0] in ENDED for run in runs), limit_s=600, poll_s=0.5)
    waiting = Run.objects.exclude(mlflow_state="sent")
    until = time.monotonic() + 900
    while waiting.exists():
        if time.monotonic() > until:
            raise SystemExit(f"MLflow does not get {waiting.count()} runs")
        waiting.filter(mlflow_state="pending").update(mlflow_next_at=None)
        # A killed sender is replaced only after its lease expires; that wait is not measured here.
        time.sleep(5)
        waiting.update(mlflow_next_at=None)


def report(portal: BenchPortal, runs: list[Run], hit: collections.Counter[str]) -> None:
    """Count starts, ends, logs and MLflow runs."""
    from mlflow import MlflowClient

    twice, ended_twice, wrong, cut, sent_twice = 0, 0, 0, 0, 0
    client = MlflowClient(tracking_uri=f"sqlite:///{portal.home.parent}/mlflow.sqlite3")
    for run in runs:
        starts = Path(run.cwd, "starts").read_text().splitlines()
        twice += len(starts) != 1
        ended_twice += portal.ends(run) != 1
        run.refresh_from_db()
        wrong += (run.status, run.exit_code) != ("succeeded", 0)
        cut += (run.folder / "stdout.log").read_text() != "first\nlast\n"
        wanted = f"tags.`guardianflow.run_id` = '{run.uuid}'"
        found = client.search_runs([run.mlflow_experiment_id], filter_string=wanted)
        sent_twice += len(found) != 1
    counts = ", ".join(f"{name} {hit[name]}" for name in ("queued", *PHASES, "over"))
    print(f"{sum(hit.values())} kills of the worker by the phase they hit: {counts}")
    print(
        f"not started exactly once: {twice}; not ended exactly once: {ended_twice}; wrong state: "
        f"{wrong}; log not whole: {cut}; not exactly once in MLflow: {sent_twice} (goal 0)"
    )


if __name__ == "__main__":
    main()

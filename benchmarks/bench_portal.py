"""A portal for benchmarks in its own data directory: its database, its worker, its experiments.

A trigger in the database records the time of every change of state, so that measurements need no
polling.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

PROJECT = Path(__file__).resolve().parent.parent
LIMIT_S = 180.0
RECORD = """
CREATE TABLE witness (run_id integer, old text, new text, days real);
CREATE TRIGGER witness AFTER UPDATE OF status ON runs_app_run WHEN old.status <> new.status
BEGIN INSERT INTO witness VALUES (new.id, old.status, new.status, julianday('now')); END;
"""
EPOCH_JULIAN_DAY, DAY_S = 2440587.5, 86_400
ENDED = ("succeeded", "failed", "errored", "cancelled", "timed_out", "lost")

if TYPE_CHECKING:
    from registry_app.models import Experiment
    from runs_app.models import Run


class BenchPortal:
    """The portal below `base`; create it once per process, before Django is used."""

    def __init__(self, base: Path, **settings: str) -> None:
        self.home, self.roots = base / "home", base / "experiments"
        self.home.mkdir()
        self.roots.mkdir()
        self.worker: subprocess.Popen[bytes] | None = None
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(self.home),
            "GUARDIANFLOW_ROOTS": str(self.roots),
            "GUARDIANFLOW_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(PROJECT),
            **settings,
        }
        sys.path.insert(0, str(PROJECT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        self._raw = sqlite3.connect(self.home / "portal.sqlite3", timeout=30)
        self._raw.executescript(RECORD)

    def experiment(self, name: str, code: str) -> Experiment:
        """Write a directory with this train.py and register it."""
        from registry_app.choices import ConfirmedBy
        from registry_app.fields.confirmation import confirm
        from registry_app.models import EntryPoint, Experiment, Script

        directory = self.roots / name
        directory.mkdir()
        (directory / "train.py").write_text(code, encoding="utf-8")
        made = Experiment.objects.create(name=name, path=str(directory))
        entry = EntryPoint.objects.create(experiment=made, type="train", default_script="train.py")
        confirm(entry, how=ConfirmedBy.COMMAND)
        Script.objects.create(experiment=made, path="train.py", types=["train"], launch="main")
        return made

    def queue(self, experiment: Experiment) -> Run:
        from runs_app.lifecycle.prepare import RunRequest
        from runs_app.lifecycle.submit import submit

        return submit(RunRequest(experiment=experiment, type="train"), user=None)

    def times(self, run: Run) -> dict[str, float]:
        """Return when the run entered each of its states, in seconds since 1970."""
        rows = self._raw.execute("SELECT new, days FROM witness WHERE run_id = ?", [run.pk])
        return {new: (days - EPOCH_JULIAN_DAY) * DAY_S for new, days in rows}

    def ends(self, run: Run) -> int:
        """Return how often the run entered a terminal state."""
        rows = self._raw.execute("SELECT new FROM witness WHERE run_id = ?", [run.pk])
        return sum(new in ENDED for (new,) in rows)

    def row(self, run: Run) -> tuple[str, str]:
        """Return the state of a run and of its sync to MLflow."""
        asked = "SELECT status, mlflow_state FROM runs_app_run WHERE id = ?"
        status, mlflow_state = self._raw.execute(asked, [run.pk]).fetchone()
        return status, mlflow_state

    def forget_mlflow(self) -> None:
        """Mark every run as sent to MLflow, so that there is no work left."""
        from runs_app.models import Run

        Run.objects.update(mlflow_state="sent")

    def start_worker(self) -> None:
        """Start the worker and wait until its cluster and its ticker are up."""
        from runs_app.models import HostHeartbeat

        HostHeartbeat.objects.all().delete()
        argv = [sys.executable, "-m", "django", "worker"]
        self.worker = subprocess.Popen(argv, cwd=self.home, stdin=subprocess.DEVNULL)
        wait_for(lambda: HostHeartbeat.objects.exists() and len(self.processes()) >= 8)

    def processes(self) -> list[psutil.Process]:
        """Return every process of the worker including itself, without supervisors and scripts."""
        if self.worker is None:
            return []
        try:
            worker = psutil.Process(self.worker.pid)
            return [worker, *worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill_worker(self) -> None:
        """Kill every process of the worker at once."""
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        if self.worker is not None:
            self.worker.wait()
        self.worker = None

    def wait_for_end(self, run: Run) -> str:
        """Wait until the run ends; return its state."""
        wait_for(lambda: self.row(run)[0] in ENDED)
        return self.row(run)[0]


def wait_for(seen: Callable[[], object], *, limit_s: float = LIMIT_S, poll_s: float = 0.02) -> None:
    """Wait until `seen` returns true; exit with an error on a timeout."""
    until = time.monotonic() + limit_s
    while not seen():
        if time.monotonic() > until:
            raise SystemExit(f"nothing happened in {limit_s} s")
        time.sleep(poll_s)

"""A portal in a home of its own for benchmarks: its database, its worker, its experiments.

A trigger in the database notes the time of every change of state, so that nothing has to be asked
while something is measured.
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
WITNESS = """
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
    """The portal below `base`; to be made once in a process, before Django is used."""

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
        self._raw.executescript(WITNESS)

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
        from runs_app.lifecycle.submit import RunRequest, submit

        return submit(RunRequest(experiment=experiment, type="train"), user=None)

    def times(self, run: Run) -> dict[str, float]:
        """Return when the run came into each of its states, in seconds since 1970."""
        rows = self._raw.execute("SELECT new, days FROM witness WHERE run_id = ?", [run.pk])
        return {new: (days - EPOCH_JULIAN_DAY) * DAY_S for new, days in rows}

    def ends(self, run: Run) -> int:
        """Return how often the run came into a terminal state."""
        rows = self._raw.execute("SELECT new FROM witness WHERE run_id = ?", [run.pk])
        return sum(new in ENDED for (new,) in rows)

    def row(self, run: Run) -> tuple[str, str]:
        """Return the state of a run and how far MLflow knows it."""
        asked = "SELECT status, mlflow_state FROM runs_app_run WHERE id = ?"
        status, mlflow_state = self._raw.execute(asked, [run.pk]).fetchone()
        return status, mlflow_state

    def forget_mlflow(self) -> None:
        """Take every run for sent, so that nothing is to do."""
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
        """Return every process of the worker, itself among them; no supervisor, no script."""
        if self.worker is None:
            return []
        try:
            worker = psutil.Process(self.worker.pid)
            return [worker, *worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill_worker(self) -> None:
        """Kill every process of the worker at once."""
        for one in self.processes():
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        if self.worker is not None:
            self.worker.wait()
        self.worker = None

    def wait_for_end(self, run: Run) -> str:
        """Return the state in which a run ends."""
        wait_for(lambda: self.row(run)[0] in ENDED)
        return self.row(run)[0]


def wait_for(seen: Callable[[], object], *, limit_s: float = LIMIT_S, poll_s: float = 0.02) -> None:
    """Return when `seen` says so; end with an error when it never does."""
    until = time.monotonic() + limit_s
    while not seen():
        if time.monotonic() > until:
            raise SystemExit(f"nothing happened in {limit_s} s")
        time.sleep(poll_s)

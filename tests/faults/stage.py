"""A portal with real processes, a script that records its own starts, and what must be true at "
"the end."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.conf import settings

from registry_app.models import Experiment
from runs_app.choices import TERMINAL, TRANSITIONS, RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import finish, launch, observing, reconcile
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import HostHeartbeat, Run
from runs_app.runner import process
from tests.faults.databases import Database, moves_of
from tests.processes import below
from tests.runs_app.conftest import Home, Portal
from tests.waiting import wait_until

# Says in its directory that it was started, and goes on when it is told.
STEPS = """\
import os, time
with open("starts", "a") as file:
    file.write(os.environ["GUARDIANFLOW_RUN_ID"] + "\\n")
print("first 시작", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
print("last 끝", flush=True)
"""
FIRST, LAST = "first 시작", "last 끝"


@dataclass
class Stage:
    """One portal and its runs; `go` lets the scripts go on."""

    home: Home
    portal: Portal
    database: Database
    runs: list[Run] = field(default_factory=list)

    @property
    def go(self) -> Path:
        return self.home.path.parent / "go"

    @property
    def worker_log(self) -> Path:
        return self.home.path.parent / "worker.log"

    def queue(self, name: str = "bct", *, script: str = STEPS, **limits: object) -> Run:
        """Queue a run; a directory of this name is made where there is none yet."""
        experiment = Experiment.objects.filter(name=name).first()
        if experiment is None:
            experiment = self.home.experiment(name, script=script, **limits)  # type: ignore[arg-type]
        run = submit(RunRequest(experiment=experiment, type="train"), user=None)
        self.runs.append(run)
        return run

    def start(self, run: Run) -> Run:
        """Start a run from this process, and wait until its script has said its first line."""
        assert launch.start(run.pk, host=settings.GUARDIANFLOW_HOST)
        log = folder_of(run).stdout
        wait_until(lambda: log.exists() and log.read_bytes(), what="the script speaks")
        return self.reach(run, RunStatus.RUNNING)

    def tick(self) -> None:
        reconcile.tick(settings.GUARDIANFLOW_HOST)

    def reach(self, run: Run, *statuses: RunStatus, by: str = "tick") -> Run:
        """Tick, or let the worker do it, until the run has one of these states."""

        def look() -> bool:
            if by == "tick":
                self.tick()
            run.refresh_from_db()
            return run.status in statuses

        wait_until(look, what=lambda: f"{run.pk} is {run.status}: {self.output}")
        return run

    def end(self, run: Run, *, by: str = "tick") -> Run:
        return self.reach(run, *TERMINAL, by=by)

    def observe_and_finish(self, run: Run) -> Run:
        """Look at one run once, as a tick does."""
        observing.observe(run.pk)
        finish.finish(run.pk)
        run.refresh_from_db()
        return run

    @property
    def output(self) -> str:
        return self.worker_log.read_text() if self.worker_log.exists() else "no worker"

    def start_worker(self) -> subprocess.Popen[bytes]:
        HostHeartbeat.objects.all().delete()
        worker = self.portal.start_worker(self.worker_log)
        wait_until(
            lambda: HostHeartbeat.objects.exists() and len(self.parts(worker)) >= 7,
            what=lambda: f"the worker is up: {self.output}",
        )
        return worker

    def parts(self, worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """Return every process of a worker; supervisors and scripts are none of them."""
        return below(worker.pid)

    def supervisor_pid(self, run: Run) -> int:
        return process.supervisor_pid(folder_of(run))

    def starts(self, run: Run) -> int:
        """Return how often the script of a run was started, by its own account."""
        output = Path(run.cwd, "starts")
        return output.read_text().splitlines().count(str(run.uuid)) if output.exists() else 0

    def check(
        self,
        run: Run,
        status: RunStatus,
        *,
        exit_code: int | None,
        lines: list[str] | None = None,
        starts: int = 1,
        ends: int = 1,
        log: bool = True,
    ) -> None:
        """One launch, one final state, the whole log, no process left."""
        run.refresh_from_db()
        assert (run.status, run.exit_code) == (status, exit_code), (run.status_reason, self.output)
        assert self.starts(run) == starts
        moves = moves_of(run.pk)
        assert [new for _old, new in moves if new in TERMINAL][-1:] == [status], moves
        assert len([new for _old, new in moves if new in TERMINAL]) == ends, moves
        legal = [(str(old), str(new)) for old, news in TRANSITIONS.items() for new in news]
        assert set(moves) <= set(legal)
        if log:
            self._check_log(run, lines)
        wait_until(lambda: self.supervisor_pid(run) == 0, what="the supervisor ends")
        wait_until(lambda: not self.alive(run), what=lambda: f"nothing is left: {self.alive(run)}")

    def _check_log(self, run: Run, lines: list[str] | None) -> None:
        folder = folder_of(run)
        if lines is not None:
            assert folder.stdout.read_text().splitlines() == lines
        record = folder.exit_record()
        if record is not None and record.started_at is not None:
            assert record.stdout_bytes == folder.stdout.stat().st_size

    def check_success(self, run: Run) -> None:
        self.check(run, RunStatus.SUCCEEDED, exit_code=0, lines=[FIRST, LAST])

    def check_refused(self, run: Run) -> None:
        """Nothing was started, and the run says so."""
        self.check(run, RunStatus.ERRORED, exit_code=None, starts=0, log=False)

    def alive(self, run: Run) -> list[int]:
        """Return what is alive of a run: by its id, by the pids that it wrote down itself."""
        reported = Path(run.cwd, "pids")
        pids = [int(word) for word in reported.read_text().split()] if reported.exists() else []
        living = [pid for pid in pids if _lives(pid)]
        return living or list(process._processes(str(run.uuid)))

    def end_scripts(self) -> None:
        """Whatever a case that failed has left must not disturb the next one."""
        for run in self.runs:
            for pid in {self.supervisor_pid(run), *self.alive(run)} - {0}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""A second executor: hands runs to an engine of its own kind by the commands of that engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from runs_app.executors.base import (
    DeviceKey,
    ExecutorAwayError,
    Health,
    Job,
    Phase,
    Submission,
    folder_of,
)
from runs_app.models import Run
from tests.doubles import spool_engine
from tests.waiting import wait_until

# Of jobs of one name, the one that is furthest from its end counts.
PHASES = {"running": Phase.RUNNING, "queued": Phase.WAITING, "over": Phase.OVER}
# A job that was submitted is listed from then on; the rest is patience with a submit under way.
LISTED_WITHIN_S = 20
HEARTBEAT_LIMIT_S = 30


class SpoolExecutor:
    """Runs as jobs of `spool_engine`, whose processes and devices are the engine's business."""

    place = "spool"
    boot_id = ""
    slots = 100

    def __init__(self, spool: Path, *, slots: int = 4) -> None:
        spool.mkdir(exist_ok=True)
        self.spool = spool
        self.engine_slots = slots
        self._engine: subprocess.Popen[bytes] | None = None

    def start_engine(self) -> None:
        program = [sys.executable, "-I", "-S", spool_engine.__file__]
        self._engine = subprocess.Popen([*program, "serve", self.spool, str(self.engine_slots)])
        wait_until(self._answers, what="the engine answers")

    def kill_engine(self, *, forgets: bool = False) -> None:
        """Kill the engine and nothing else; its jobs go on, and it may forget them."""
        if self._engine is not None:
            self._engine.kill()
            self._engine.wait()
        if forgets:
            (self.spool / "jobs.json").unlink()

    def environment(
        self, *, gpus: int | None = None, devices: Sequence[str] = ()
    ) -> Mapping[str, str]:
        return {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}

    def submit(self, submission: Submission) -> None:
        environment = json.dumps(dict(submission.environment))
        self._ask("submit", submission.id, str(submission.folder.path), reported=environment)

    def snapshot(self, runs: Iterable[Run]) -> Mapping[str, Job]:
        listed: dict[str, set[str]] = defaultdict(set)
        for job in self.jobs():  # a name may be there twice
            listed[job["name"]].add(job["state"])
        return {run.submission: Job(phase=_phase(run, listed[run.submission])) for run in runs}

    def wait(self, run: Run, limit_s: float) -> bool:
        time.sleep(limit_s)
        return False

    def cancel(self, run: Run) -> None:
        folder = folder_of(run)
        if folder.path.is_dir():
            folder.request_cancel()
        self._ask("cancel", run.submission)

    def kill(self, run: Run) -> None:
        self._ask("kill", run.submission)

    def health(self) -> Health:
        return Health()

    def memory_held(self) -> Mapping[UUID, Mapping[DeviceKey, int]]:
        return {}

    def jobs(self) -> list[dict[str, Any]]:
        """Return all jobs as the engine lists them."""
        return [json.loads(line) for line in self._ask("queue").splitlines()]

    def _ask(self, verb: str, *words: str, reported: str = "") -> str:
        program = [sys.executable, "-I", "-S", spool_engine.__file__, verb, str(self.spool), *words]
        done = subprocess.run(program, input=reported, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ExecutorAwayError(done.stderr)
        return done.stdout

    def _answers(self) -> bool:
        try:
            self.jobs()
        except ExecutorAwayError:
            return False
        return True


def _phase(run: Run, states: set[str]) -> Phase:
    for state, phase in PHASES.items():
        if state in states:
            return phase
    return _unlisted(run)


def _unlisted(run: Run) -> Phase:
    """Distinguish a job that never arrived from one that the engine has forgotten."""
    heartbeat_at = folder_of(run).heartbeat_at()
    if heartbeat_at is not None:
        return Phase.RUNNING if time.time() - heartbeat_at < HEARTBEAT_LIMIT_S else Phase.OVER
    if (timezone.now() - run.status_changed_at).total_seconds() < LISTED_WITHIN_S:
        return Phase.WAITING
    return Phase.ABSENT

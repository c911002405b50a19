"""The main job on sample experiments: scan, import, queue, run by a worker, MLflow, linked back."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _

from portal import database
from portal.demo import samples
from portal.serving import up
from portal.serving.services import running
from runs_app.choices import TERMINAL, MlflowState
from runs_app.cli.find import experiment_named
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Run
from runs_app.system.wakeup import Wakeup

EXPERIMENT = "donghwa-entec-ppe"
TYPE = "train"
# Left by a demo that was killed: its services notice within seconds.
LEFTOVER_LIMIT_S = 30
RUN_LIMIT_S = 180
# Mostly to create MLflow's store, once.
MLFLOW_LIMIT_S = 180
LOOK_EVERY_S = 0.25

Say = Callable[[str], None]
# Takes the present state, and the seconds waited so far.
Show = Callable[[str, int], None]


class DemoError(Exception):
    """The demo did not finish; the message says where it stopped and what to do."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of the demo's run; `own_files` compares the samples before and after."""

    run: Run
    own_files: int
    changed: tuple[str, ...]

    @property
    def trouble(self) -> str:
        """The problem in one sentence; '' if there was none."""
        if self.run.exit_code != 0 or self.run.status != "succeeded":
            return _("The run did not succeed: {reason} Its output is in {folder}.").format(
                reason=self.run.status_reason, folder=self.run.folder
            )
        if self.changed:
            return _("Files of the experiments changed: {paths}").format(
                paths=", ".join(self.changed)
            )
        if self.run.mlflow_state != MlflowState.SENT:
            return _("MLflow does not have the run: {reason}").format(
                reason=str(self.run.mlflow_error or self.run.mlflow_state)
            )
        return ""


def addresses() -> up.Addresses:
    """Return where the demo is served, from its settings."""
    return up.Addresses(
        host=up.LOOPBACK,
        port=urlsplit(settings.GUARDIANFLOW_URL).port or 80,
        mlflow_port=urlsplit(settings.GUARDIANFLOW_MLFLOW_UI).port or 80,
    )


def walk(signals: Wakeup, *, say: Say, show: Show) -> Outcome:
    """Run the whole pipeline once; `say` takes lines, `show` the present state.

    Raises DemoError if it does not finish.
    """
    root = Path(settings.GUARDIANFLOW_ROOTS[0])
    _wait_for_leftovers(signals, show)
    _migrate()
    copied = samples.copy(root)
    say(_("Sample experiments: {folder} ({count} new)").format(folder=root, count=copied))
    before = samples.fingerprint(root)
    say(_("Scanned and imported:"))
    for line in _scan():
        say(f"  {line}")
    with running([up.worker_service(addresses().environment())]) as [worker]:
        run = submit(RunRequest(experiment=experiment_named(EXPERIMENT), type=TYPE), user=None)
        say(
            _("Queued run {run}: {experiment}, {type}").format(
                run=run.pk, experiment=EXPERIMENT, type=TYPE
            )
        )
        _wait_for_end(run, signals, worker.keep, show)
    after = samples.fingerprint(root)
    changed = sorted(path for path in before if before[path] != after.get(path))
    return Outcome(run=run, own_files=len(before), changed=tuple(changed))


def _migrate() -> None:
    """Migrate the demo's database without asking: it holds no work of a user."""
    with database.exclusive():
        if database.pending():
            call_command("migrate", verbosity=0, interactive=False)


def _scan() -> list[str]:
    output = io.StringIO()
    options = {"import": True, "no_progress": True}
    call_command("scan_experiments", stdout=io.StringIO(), stderr=output, **options)
    return output.getvalue().splitlines()


def _wait_for_leftovers(signals: Wakeup, show: Show) -> None:
    """Wait until the worker of a demo that was killed has gone."""
    started = time.monotonic()
    while True:
        waited_s = int(time.monotonic() - started)
        try:
            return up.check_no_worker()
        except up.ServeError:
            if waited_s > LEFTOVER_LIMIT_S:
                raise
        show(_("Waiting for the worker of an earlier demo to end."), waited_s)
        _pause(signals)


def _wait_for_end(run: Run, signals: Wakeup, keep: Callable[[], float], show: Show) -> None:
    """Wait until the run has ended and MLflow has it, or cannot have it."""
    started = time.monotonic()
    while run.status not in TERMINAL:
        waited_s = int(time.monotonic() - started)
        if waited_s > RUN_LIMIT_S:
            raise DemoError(
                _("Run {run} has not ended within {seconds} s: {reason} See {folder}.").format(
                    run=run.pk, seconds=RUN_LIMIT_S, reason=run.status_reason, folder=_logs()
                )
            )
        show(run.status_reason, waited_s)
        _look_again(run, signals, keep)
    ended = time.monotonic()
    while run.mlflow_state != MlflowState.SENT and time.monotonic() - ended < MLFLOW_LIMIT_S:
        show(_("The run is being sent to MLflow."), int(time.monotonic() - started))
        _look_again(run, signals, keep)


def _look_again(run: Run, signals: Wakeup, keep: Callable[[], float]) -> None:
    keep()
    _pause(signals)
    run.refresh_from_db()


def _pause(signals: Wakeup) -> None:
    signals.wait(LOOK_EVERY_S)
    if signals.stop:
        raise DemoError(_("Stopped. The next demo goes on from here."))


def _logs() -> Path:
    return Path(settings.GUARDIANFLOW_HOME) / "logs"

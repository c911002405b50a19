"""What a comparison would do: its sides, parameters, seeds, control, runs and hours."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.files.core_scripts import is_core
from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, outline
from runs_app.models import Run
from runs_app.parity import names
from runs_app.parity.rule import numbers_of_runs
from runs_app.parity.sides import Sides, hashes_of, sides_of, starts_script
from runs_app.preflight.script_choices import entry_point, script_choice
from runs_app.queue import admission
from runs_app.texts import parity as texts
from runs_app.trainers import confirmed, core
from runs_app.trainers.confirmed import UnreadTrainer

RUNS_REMEMBERED = 5
HALF, THIRD = "half_the_epochs", "third_of_lr"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How long a run of a comparison takes, by the earlier runs of the old script.

    `scaled_from` are their epochs if they had others than the comparison has; each None if unknown.
    """

    run_s: float | None
    gpus: int
    based_on: int = 0
    scaled_from: float | None = None

    def hours(self, runs: int) -> float | None:
        """Return the hours of so many runs: of GPUs, or of the machine where it uses none."""
        return None if self.run_s is None else self.run_s * runs * max(self.gpus, 1) / 3600


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A comparison that could be started.

    `params` were given; `old` and `new` are the runs of the two sides without seeds. `control` is
    `{kind, name, value}`, {} if nothing is known that could be changed. With `starts_script` the
    new side starts an unmodified script, so that one run may be enough. `unread` are trainers that
    an engineer must read first.
    """

    experiment: Experiment
    type: str
    sides: Sides
    params: Mapping[str, Any]
    old: PreparedRun
    new: PreparedRun
    seed: int
    old_seed_name: str
    new_seed_name: str
    control: Mapping[str, Any]
    hashes: Mapping[str, str]
    expected: Expected
    starts_script: bool = False
    unread: tuple[UnreadTrainer, ...] = ()

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs it takes if both sides are equal, and at most."""
        has_seed = bool(self.old_seed_name)
        equal, most = numbers_of_runs(has_seed=has_seed, has_control=bool(self.control))
        return (1 if self.starts_script else equal), most

    @property
    def change(self) -> Message | None:
        """What the control changes."""
        return change_of(self.control)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What to know before it starts."""
        found: list[Message] = []
        if not self.control:
            found.append(texts.WARN_NO_CONTROL())
        if not self.old_seed_name or not self.new_seed_name:
            found.append(texts.WARN_NO_SEED())
        for warning in (*self.old.warnings, *self.new.warnings):
            if warning not in found:
                found.append(warning)
        return tuple(found)


def plan(
    experiment: Experiment,
    *,
    type: str,  # noqa: A002
    old: str = "",
    new: str = "",
    params: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan of a comparison; starts and stores nothing. Raises RunnerError."""
    given = dict(params or {})
    sides = sides_of(experiment, type, old=old, new=new)
    before = outline(RunRequest(experiment=experiment, type=type, script=sides.old, params=given))
    if before.secrets:
        raise RefusedError(texts.HAS_SECRETS(names=list(before.secrets)))
    after = outline(
        RunRequest(experiment=experiment, type=type, script=sides.new, params=passed(before))
    )
    old_seed, new_seed = (
        names.seed_name([*_parameters(experiment, type, script), *run.params])
        for script, run in ((sides.old, before), (sides.new, after))
    )
    seed = names.number_of(before.params.get(old_seed))
    return Plan(
        experiment=experiment,
        type=type,
        sides=sides,
        params=given,
        old=before,
        new=after,
        seed=int(seed or 0),
        old_seed_name=old_seed,
        new_seed_name=new_seed,
        control=_control(after.params),
        hashes=hashes_of(experiment, sides),
        expected=_expected(experiment, type, before),
        starts_script=starts_script(experiment, sides.new),
        unread=_unread(experiment, type, sides),
    )


def passed(run: PreparedRun) -> dict[str, Any]:
    """Return what a run has on its command line; the other side is given the same."""
    return {name: value for name, value in run.params.items() if name not in run.left}


def change_of(control: Mapping[str, Any]) -> Message | None:
    """Return what a stored control changes, None if there is none."""
    if not control:
        return None
    text = texts.HALF_THE_EPOCHS if control["kind"] == HALF else texts.THIRD_OF_LR
    return text(name=control["name"], value=control["value"])


def _control(params: Mapping[str, Any]) -> dict[str, Any]:
    if half := names.half_the_length(params):
        return {"kind": HALF, "name": half[0], "value": half[1]}
    if third := names.third_of_the_rate(params):
        return {"kind": THIRD, "name": third[0], "value": third[1]}
    return {}


def _unread(experiment: Experiment, type: str, sides: Sides) -> tuple[UnreadTrainer, ...]:  # noqa: A002
    entry = entry_point(experiment, type)
    rows = [core.trainer_of(experiment, side) for side in (sides.old, sides.new) if is_core(side)]
    return tuple(waiting for row in rows if (waiting := confirmed.unread(row, entry)))


def _parameters(experiment: Experiment, type: str, script: str) -> list[str]:  # noqa: A002
    if is_core(script):
        return [str(row["name"]) for row in core.trainer_of(experiment, script).parameters]
    return [row.name for row in script_choice(experiment, type, script).parameters]


def _expected(experiment: Experiment, type: str, run: PreparedRun) -> Expected:  # noqa: A002
    """Estimate one run from the latest good ones of the old script, in proportion to the epochs."""
    entry = entry_point(experiment, type)
    gpus = entry.gpus if entry and entry.gpus is not None else admission.usual_gpus(type)
    earlier = Run.objects.filter(
        experiment=experiment,
        type=type,
        script=run.script,
        status=RunStatus.SUCCEEDED,
        duration_s__isnull=False,
    ).order_by("-pk")
    planned = _length(run.params)
    times: list[float] = []
    scaled_from: float | None = None
    for params, duration_s in earlier.values_list("params", "duration_s")[:RUNS_REMEMBERED]:
        had = _length(params)
        is_scaled = bool(had and planned and had != planned)
        if had and planned and is_scaled:
            scaled_from = had
        times.append((duration_s or 0) * (planned / had if had and planned else 1))
    return Expected(
        run_s=statistics.median(times) if times else None,
        gpus=gpus,
        based_on=len(times),
        scaled_from=scaled_from,
    )


def _length(params: Mapping[str, Any]) -> float | None:
    return names.number_of(params.get(names.length_name(params)))

"""What is proved of an experiment's stages, what is missing, and the one next step.

Pure rules: nothing here reads a row, a file or a store. Each stage includes those before it, so
the proved stage is the last one without a gap. The effective stage is the lower of the proved one
and the one at which a user holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry_app.choices import Stage
from registry_app.messages import Message
from runs_app.texts import stages as texts


class Step(StrEnum):
    """The next step of an experiment; `OWNERS` says whose it is."""

    FILL = "fill"
    CONFIRM = "confirm"
    NAME_SCRIPT = "name_script"
    RUN = "run"
    STANDARDISE = "standardise"
    PROMOTE = "promote"
    APPROVE = "approve"
    MERGE = "merge"
    WAIT = "wait"
    NONE = "none"


class Role(StrEnum):
    """Who takes a step."""

    PM = "pm"
    ENGINEER = "engineer"
    APPROVER = "approver"
    WORKER = "worker"
    NONE = ""


OWNERS = {
    Step.FILL: Role.PM,
    Step.CONFIRM: Role.PM,
    Step.NAME_SCRIPT: Role.ENGINEER,
    Step.RUN: Role.ENGINEER,
    Step.STANDARDISE: Role.ENGINEER,
    Step.PROMOTE: Role.ENGINEER,
    Step.APPROVE: Role.APPROVER,
    Step.MERGE: Role.ENGINEER,
    Step.WAIT: Role.WORKER,
    Step.NONE: Role.NONE,
}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Whether a stage is proved, and why or why not; None: never checked."""

    holds: bool = False
    why: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules need to know of an experiment.

    `missing` and `guessed` count items of the metadata. `good_run` is a run that succeeded.
    `promotion` is the step that an open promotion waits for, if there is one.
    """

    held: int | None = None
    missing: int = 0
    guessed: int = 0
    has_script: bool = False
    good_run: int | None = None
    standard: Proof = Proof()
    integrated: Proof = Proof()
    promotion: Step | None = None


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One stage: what proves it, or what is missing for it."""

    stage: Stage
    is_proved: bool
    why: Message


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """All five stages of an experiment, and the step that leads to the next one."""

    rungs: tuple[Rung, ...]
    proved: Stage
    effective: Stage
    held: Stage | None
    step: Step

    @property
    def owner(self) -> Role:
        return OWNERS[self.step]

    @property
    def is_held_higher(self) -> bool:
        """Whether a user holds a stage that is not proved; it counts once it is."""
        return self.held is not None and self.held > self.proved

    @property
    def is_held_lower(self) -> bool:
        return self.held is not None and self.held < self.proved

    @property
    def next(self) -> Rung | None:
        """The first stage that is not proved; None if all are."""
        return next((rung for rung in self.rungs if not rung.is_proved), None)


def ladder_of(facts: Facts) -> Ladder:
    """Return the stages of an experiment with these facts."""
    own = [_scanned(), _metadata(facts), _wrapped(facts), _standard(facts), _integrated(facts)]
    proved = next((number for number, proof in enumerate(own) if not proof.holds), len(own))
    rungs = tuple(
        Rung(
            stage=stage,
            is_proved=stage <= proved,
            why=proof.why if stage <= proved + 1 else texts.EARLIER_STAGE(number=proved + 1),
        )
        for stage, proof in zip(Stage, own, strict=True)
    )
    held = Stage(facts.held) if facts.held else None
    return Ladder(
        rungs=rungs,
        proved=Stage(proved),
        effective=Stage(min(proved, held or proved)),
        held=held,
        step=_step(Stage(proved), facts),
    )


@dataclass(frozen=True, kw_only=True)
class _Own:
    """A stage by itself, without those before it."""

    holds: bool
    why: Message


def _scanned() -> _Own:
    return _Own(holds=True, why=texts.DIRECTORY_KNOWN())


def _metadata(facts: Facts) -> _Own:
    names: list[Message] = []
    if facts.missing:
        names.append(texts.VALUES_MISSING(count=facts.missing))
    if facts.guessed:
        names.append(texts.VALUES_GUESSED(count=facts.guessed))
    if names:
        return _Own(holds=False, why=texts.METADATA_LACKS(names=names))
    return _Own(holds=True, why=texts.METADATA_CONFIRMED())


def _wrapped(facts: Facts) -> _Own:
    if facts.good_run is not None:
        return _Own(holds=True, why=texts.RUN_SUCCEEDED(run=facts.good_run))
    lacks = texts.NO_RUN_SUCCEEDED() if facts.has_script else texts.NO_ENTRY_POINT()
    return _Own(holds=False, why=lacks)


def _standard(facts: Facts) -> _Own:
    return _Own(holds=facts.standard.holds, why=facts.standard.why or texts.NOT_STANDARD())


def _integrated(facts: Facts) -> _Own:
    return _Own(holds=facts.integrated.holds, why=facts.integrated.why or texts.NOT_INTEGRATED())


def _step(proved: Stage, facts: Facts) -> Step:
    """Return the one next step; what is missing comes before what is only unconfirmed."""
    if proved is Stage.SCANNED:
        return Step.FILL if facts.missing else Step.CONFIRM
    if proved is Stage.METADATA:
        return Step.RUN if facts.has_script else Step.NAME_SCRIPT
    if proved is Stage.WRAPPED:
        return Step.STANDARDISE
    if proved is Stage.STANDARD:
        return facts.promotion or Step.PROMOTE
    return Step.NONE

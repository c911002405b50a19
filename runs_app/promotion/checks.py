"""Why a promotion is refused: rules about plain facts, each with the sentence for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry_app.choices import Stage
from registry_app.messages import Message
from runs_app.promotion.classes import Stated, is_same
from runs_app.texts import promotion as texts

NEEDED = Stage.STANDARD


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of a promotion before it is requested or approved.

    `path` is the file itself; `evaluation` a run that had it among its inputs and reported `value`
    of `metric`, None if there is none. `stated` are the classes that plain data states. `same_name`
    is another experiment whose model would have the same name.
    """

    experiment: str
    proved: int
    is_confirmed: bool
    path: str
    metric: str
    evaluation: int | None
    value: float | None
    has_parity: bool
    registered: Sequence[str]
    stated: Sequence[Stated]
    model: str
    same_name: str = ""

    @property
    def needs_tick(self) -> bool:
        """Whether only the approver can say that the classes are right."""
        return not self.stated


def problems(found: Evidence) -> list[Message]:
    """Return everything that stands against a promotion, in the order in which it is fixed."""
    return list(_problems(found))


def _problems(found: Evidence) -> Iterator[Message]:
    if not found.is_confirmed:
        yield texts.METADATA_OPEN(experiment=found.experiment)
    if found.proved < NEEDED:
        yield texts.STAGE_TOO_LOW(experiment=found.experiment, proved=found.proved)
    elif not found.has_parity:
        yield texts.NO_PARITY()
    if found.evaluation is None:
        yield texts.NO_EVALUATION(
            experiment=found.experiment, path=found.path, metric=found.metric or "–"
        )
    for stated in found.stated:
        if not is_same(found.registered, stated.names):
            yield texts.CLASSES_DIFFER(
                source=stated.source,
                found=list(stated.names),
                registered=list(found.registered),
            )
    if found.same_name:
        yield texts.NAME_COLLIDES(name=found.model, other=found.same_name)

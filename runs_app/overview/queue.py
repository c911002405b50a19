"""Which runs wait for what, the next one first, from the standings of all experiments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runs_app.choices import ON_HOST, RunStatus
from runs_app.models.moments import is_early
from runs_app.overview.standing import RunFacts, Standing


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A queued run with its experiment.

    `place` is None where a terminal starts it, and where its time has not come.
    """

    run: RunFacts
    experiment: str
    place: int | None


def waiting_runs(standings: Iterable[Standing]) -> Sequence[Waiting]:
    """Return the queued runs in their order; see `models.queue_place`."""
    pairs = [
        (run, standing.name)
        for standing in standings
        for run in standing.active
        if run.status == RunStatus.QUEUED
    ]
    pairs.sort(key=lambda pair: (-pair[0].priority, pair[0].pk))
    found: list[Waiting] = []
    place = 0
    for run, name in pairs:
        has_place = not run.foreground and not is_early(run.not_before)
        place += has_place
        found.append(Waiting(run=run, experiment=name, place=place if has_place else None))
    return found


def running(standings: Iterable[Standing]) -> int:
    """Return how many runs are on a machine."""
    return sum(run.status in ON_HOST for standing in standings for run in standing.active)

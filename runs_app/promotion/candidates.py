"""The files of an experiment that can be promoted: what recent runs made, and who evaluated it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run, RunFile
from runs_app.promotion.evidence import JUDGING
from runs_app.promotion.package import is_model, likeliness

RUNS_SHOWN = 20
FILES_SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A kept file of a good run; `evaluation` is the newest run that was started with it."""

    file: RunFile
    evaluation: Run | None


def candidates_of(experiment: Experiment) -> list[Candidate]:
    """Return what can be promoted, evaluated files and newer runs first; three queries.

    Runs of a parity comparison are left out: they are shortened, or changed on purpose.
    """
    good = Run.objects.of_people().filter(experiment=experiment, status=RunStatus.SUCCEEDED)
    runs = list(good.exclude(type__in=JUDGING).order_by("-pk").values_list("pk", flat=True))
    rows = RunFile.objects.filter(run__in=runs[:RUNS_SHOWN]).exclude(kept="").exclude(sha256="")
    files = [row for row in rows.select_related("run") if is_model(row.path)]
    judged = _evaluations(experiment, [row.sha256 for row in files])
    found = [Candidate(file=row, evaluation=judged.get(row.sha256)) for row in files]
    return sorted(found, key=_order)[:FILES_SHOWN]


def _order(candidate: Candidate) -> tuple[bool, int, tuple[int, int, int, str]]:
    file = candidate.file
    return candidate.evaluation is None, -file.run_id, likeliness(file.path)


def _evaluations(experiment: Experiment, hashes: Sequence[str]) -> dict[str, Run]:
    """Return the newest good run with a main metric for each hash."""
    rows = Run.objects.filter(
        experiment=experiment,
        type__in=JUDGING,
        status=RunStatus.SUCCEEDED,
        main_value__isnull=False,
        inputs__sha256__in=set(hashes),
        inputs__changed=False,
    )
    newest = rows.order_by("pk").values_list("inputs__sha256", "pk")
    by_hash = {digest: pk for digest, pk in newest if digest in set(hashes)}
    runs = Run.objects.in_bulk(set(by_hash.values()))
    return {digest: runs[pk] for digest, pk in by_hash.items() if pk in runs}

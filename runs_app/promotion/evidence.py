"""What the rows say for or against a promotion: a few queries, and the small texts of its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.comparing.data import data_of
from runs_app.comparing.main_metric import main_metric_of
from runs_app.exceptions import RefusedError
from runs_app.models import Parity, Run
from runs_app.models.experiments import with_stage
from runs_app.promotion.checks import Evidence
from runs_app.promotion.classes import Stated, stated_by
from runs_app.promotion.package import open_copy
from runs_app.tracking.registered import model_name

# The types of runs that can show how good a model is.
JUDGING = (EntryPointType.EVAL, EntryPointType.INFER)


def evidence_of(experiment: Experiment, run: Run, files: Sequence[dict[str, Any]]) -> Evidence:
    """Return what is known of a promotion of these files of a run."""
    row: Any = with_stage(Experiment.everything.filter(pk=experiment.pk)).get()
    evaluation = evaluation_of(experiment, str(files[0]["sha256"]))
    rule = main_metric_of(experiment.task_type)
    own = model_name(experiment.name)
    return Evidence(
        experiment=experiment.name,
        proved=row.proved_stage,
        is_confirmed=row.confirmed >= 100,
        path=str(files[0]["path"]),
        metric=evaluation.main_metric if evaluation else rule.names[0] if rule.names else "",
        evaluation=evaluation.pk if evaluation else None,
        value=evaluation.main_value if evaluation else None,
        has_parity=parity_of(experiment) is not None,
        registered=tuple(map(str, experiment.classes)),
        stated=tuple(_stated(run, files, evaluation)),
        model=own,
        same_name=next(
            (
                name
                for name in Experiment.everything.exclude(pk=experiment.pk).values_list(
                    "name", flat=True
                )
                if model_name(name) == own
            ),
            "",
        ),
    )


def evaluation_of(experiment: Experiment, sha256: str) -> Run | None:
    """Return the newest good run that was started with this very file and has the main metric."""
    return (
        Run.objects.filter(
            experiment=experiment,
            type__in=JUDGING,
            status=RunStatus.SUCCEEDED,
            main_value__isnull=False,
            inputs__sha256=sha256,
            inputs__changed=False,
        )
        .order_by("-pk")
        .first()
    )


def parity_of(experiment: Experiment) -> Parity | None:
    """Return the comparison that proves the trainer equal to the script, None if none does.

    Whether it still is about the present files is a part of stage 4.
    """
    newest = Parity.objects.speaking_for(experiment)
    return newest if newest is not None and newest.is_proof else None


def _stated(run: Run, files: Sequence[dict[str, Any]], evaluation: Run | None) -> Iterator[Stated]:
    """Yield the classes that files of the package and the data of the evaluation state."""
    for file in files:
        try:
            with open_copy(run, str(file["path"])) as copy:
                found = stated_by(str(file["path"]), copy)
        except RefusedError:
            continue
        if found is not None:
            yield found
    data = data_of(evaluation) if evaluation is not None else None
    if data is not None and data.content:
        found = stated_by(data.name, BytesIO(data.content))
        if found is not None:
            yield found

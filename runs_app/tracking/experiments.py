"""Finds the MLflow experiment of a run, and lets its name follow a corrected customer or zone.

1. Its id is stored with the portal's experiment when the first run is sent.
2. If the registry now gives another name, it is renamed, provided that no other directory uses it
   and the name is free. Else it is unchanged and new runs go there too: a history is never split.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from runs_app.models import MlflowExperiment, Run
from runs_app.records.launch import names_of
from runs_app.tracking.experiment_names import experiment_name
from runs_app.tracking.record import TrackingRecord
from runs_app.tracking.store import client, is_http, translated_errors
from runs_app.tracking.tags import OWNER_TAG, RUN_TAG

if TYPE_CHECKING:
    from mlflow.entities import Experiment as Found

logger = logging.getLogger(__name__)

# With this tag MLflow 3 opens an experiment with the pages of model training.
KIND_TAG, KIND = "mlflow.experimentKind", "custom_model_development"
SITE = ("experiment", "customer", "region", "plant", "zone", "task")
PAGE = 1000
# Up to this many runs are checked before an experiment is renamed.
MAX_PAGES = 50
_QUERY = 500


@dataclass(frozen=True, kw_only=True)
class Place:
    """The MLflow experiment of a run; `wanted` is a name that the experiment could not get."""

    experiment_id: str
    name: str
    wanted: str = ""


def place_of(run: Run, record: TrackingRecord) -> Place:
    """Return the MLflow experiment of a run, created or renamed if needed; raises TrackingError."""
    with translated_errors():
        kept = MlflowExperiment.objects.filter(experiment=run.experiment_id).first()
        found = _found(kept) if kept else None
        if kept is None or found is None:
            found = _named(record.experiment)
            kept, _new = MlflowExperiment.objects.update_or_create(
                experiment=run.experiment,
                defaults={
                    "mlflow_id": found.experiment_id,
                    "name": found.name,
                    "wanted_name": record.experiment,
                    "created_ms": None,  # its tags are still to be written
                },
            )
        return _followed(run, kept, found)


def _found(kept: MlflowExperiment) -> Found | None:
    """Return the experiment of the stored id; None if that id belongs to another store."""
    from mlflow.exceptions import MlflowException

    try:
        found = client().get_experiment(kept.mlflow_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    is_same = kept.created_ms == found.creation_time if kept.created_ms else kept.name == found.name
    return _restored(found) if is_same else None


def _followed(run: Run, kept: MlflowExperiment, found: Found) -> Place:
    """Rename the experiment after the registry if possible, save the result, and return it."""
    names = names_of(run.experiment, Path(run.cwd))
    wanted = experiment_name(settings.GUARDIANFLOW_MLFLOW_EXPERIMENT, names)
    name = found.name
    if kept.wanted_name and wanted not in {kept.wanted_name, name}:
        if _is_renamed(run, kept, wanted):
            name = wanted
        else:
            logger.warning("MLflow experiment keeps its name experiment=%s", run.experiment)
    if KIND_TAG not in found.tags:  # a user may have set another value
        _tag(found, {KIND_TAG: KIND})
    if (kept.name, kept.wanted_name, kept.created_ms) != (name, wanted, found.creation_time):
        _tag(found, {f"guardianflow.{part}": str(getattr(names, part)) for part in SITE})
        kept.name, kept.wanted_name, kept.created_ms = name, wanted, found.creation_time
        kept.save(update_fields=["name", "wanted_name", "created_ms"])
        Run.objects.filter(mlflow_experiment_id=kept.mlflow_id).update(mlflow_experiment=name)
    return Place(experiment_id=kept.mlflow_id, name=name, wanted=wanted if wanted != name else "")


def _is_renamed(run: Run, kept: MlflowExperiment, wanted: str) -> bool:
    """Rename the experiment if no other directory uses it; return whether it was renamed."""
    from mlflow.exceptions import MlflowException

    if client().get_experiment_by_name(wanted) is not None or not _is_used_alone(run, kept):
        return False
    try:
        client().rename_experiment(kept.mlflow_id, wanted)
    except MlflowException as error:
        if error.error_code not in {"RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"}:
            raise
        return False
    logger.info("renamed MLflow experiment experiment=%s name=%s", run.experiment, wanted)
    return True


def _is_used_alone(run: Run, kept: MlflowExperiment) -> bool:
    """Return whether every run of an MLflow experiment belongs to this experiment."""
    others = MlflowExperiment.objects.filter(mlflow_id=kept.mlflow_id).exclude(pk=kept.pk)
    runs_in_it = Run.objects.filter(mlflow_experiment_id=kept.mlflow_id)
    if others.exists() or runs_in_it.exclude(experiment=run.experiment_id).exists():
        return False
    owners: set[UUID] = set()
    for owner in _owners(kept.mlflow_id):
        try:
            owners.add(UUID(owner))
        except ValueError:
            return False
    own = Run.objects.filter(experiment=run.experiment_id)
    remaining, known = iter(owners), 0
    while part := list(islice(remaining, _QUERY)):
        known += own.filter(uuid__in=part).count()
    return known == len(owners)


def _owners(experiment_id: str) -> Iterator[str]:
    """Yield the portal's run of each run of an MLflow experiment; '' if there is none."""
    from mlflow.entities import ViewType

    token = None
    for _page in range(MAX_PAGES):
        found = client().search_runs(
            [experiment_id], run_view_type=ViewType.ALL, max_results=PAGE, page_token=token
        )
        for mlflow_run in found:
            yield mlflow_run.data.tags.get(RUN_TAG) or mlflow_run.data.tags.get(OWNER_TAG, "")
        token = found.token
        if not token:
            return
    yield ""  # too many to check


def _tag(found: Found, tags: dict[str, str]) -> None:
    for name, value in tags.items():
        if found.tags.get(name, "") != value:
            client().set_experiment_tag(found.experiment_id, name, value)


def _named(name: str) -> Found:
    """Return the experiment of a name, created or restored from deletion if needed."""
    from mlflow.exceptions import MlflowException

    found = client().get_experiment_by_name(name)
    if found is None:
        try:
            made = client().create_experiment(name, artifact_location=_artifact_location())
            return client().get_experiment(made)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client().get_experiment_by_name(name)
    return _restored(found)


def _restored(found: Found) -> Found:
    from mlflow.entities import LifecycleStage

    if found.lifecycle_stage == LifecycleStage.DELETED:
        client().restore_experiment(found.experiment_id)
    return found


def _artifact_location() -> str | None:
    """Return where a direct store saves artifacts; None for a server, which decides itself.

    Without it, a direct store would save them below the current directory.
    """
    if is_http():
        return None
    return (Path(settings.MLFLOW_ARTIFACTS) / uuid.uuid4().hex).as_uri()

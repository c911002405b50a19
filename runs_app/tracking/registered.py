"""Registered models of MLflow: one per experiment, with a version for each promotion.

Every function may be repeated, and works on a direct store and on a server: versions are compared
as texts, and errors are told apart by their code. A version is found by its promotion's own run,
so a crash between two calls never makes a second one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from runs_app.exceptions import TrackingError
from runs_app.texts import promotion as texts
from runs_app.tracking.client import OpenedRun, add_files, create_run, find_run
from runs_app.tracking.store import client, probe, translated_errors

PROMOTION_TAG = "guardianflow.promotion"
EXPERIMENT_TAG = "guardianflow.experiment"
CHAMPION = "champion"
PACKAGE = "package"
# MLflow refuses these in names of models.
_REFUSED_IN_NAMES = str.maketrans({"/": "-", ":": "-"})
_CHUNK = 2**20


@dataclass(frozen=True, kw_only=True)
class Own:
    """The run of a promotion: where, under which key, and what it is called."""

    key: str
    experiment_id: str
    name: str
    started_ms: int
    tags: Mapping[str, str]


def model_name(experiment: str) -> str:
    """Return the name of the registered model of an experiment."""
    return experiment.translate(_REFUSED_IN_NAMES)


def open_own_run(own: Own) -> str:
    """Return the id of a promotion's run, created if it is not there; a deleted one is restored."""
    with translated_errors():
        probe()
        tag = {PROMOTION_TAG: own.key}
        found = find_run(own.experiment_id, tag) or create_run(
            own.experiment_id,
            name=own.name,
            started_ms=own.started_ms,
            tags={**own.tags, **tag},
        )
        _restore(found)
        return found.run_id


def _restore(run: OpenedRun) -> None:
    if run.deleted:
        client().restore_run(run.run_id)


def upload(run_id: str, files: Iterable[tuple[Path, str]]) -> None:
    """Put files into the package of a promotion's run; raises TrackingError if one is refused."""
    with translated_errors():
        refused = add_files(run_id, [(path, f"{PACKAGE}/{name}") for path, name in files])
        if refused:
            raise TrackingError(texts.UPLOAD_REFUSED(names=refused))
        client().set_terminated(run_id, "FINISHED")


def ensure_model(name: str, experiment: str, tags: Mapping[str, str]) -> None:
    """Create the registered model of an experiment.

    Raises TrackingError if another experiment, or a model made by hand, has its name.
    """
    from mlflow.exceptions import MlflowException

    with translated_errors():
        own = {**tags, EXPERIMENT_TAG: experiment}
        try:
            client().create_registered_model(name, tags=own)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        else:
            return
        there = client().get_registered_model(name).tags
        if there.get(EXPERIMENT_TAG) != experiment:
            other = there.get(EXPERIMENT_TAG) or "?"
            raise TrackingError(texts.MODEL_NAME_TAKEN(name=name, other=other))
        for key, value in own.items():
            if there.get(key) != value:
                client().set_registered_model_tag(name, key, value)


def ensure_version(name: str, run_id: str, *, tags: Mapping[str, str], card: str) -> str:
    """Return the version that a promotion's run has in the model, created if there is none."""
    with translated_errors():
        found = client().search_model_versions(f"run_id = '{run_id}'")
        own = [str(version.version) for version in found if version.name == name]
        if own:
            return min(own, key=int)
        source = f"{client().get_run(run_id).info.artifact_uri}/{PACKAGE}"
        made = client().create_model_version(
            name, source=source, run_id=run_id, tags=dict(tags), description=card
        )
        return str(made.version)


def hashes_of(name: str, version: str) -> dict[str, str]:
    """Return the SHA-256 of each file of a version, by path, as a download gives them.

    A version whose files are gone is an empty mapping: MLflow lets its download succeed.
    """
    with translated_errors(), tempfile.TemporaryDirectory(prefix="guardianflow-") as folder:
        from mlflow.artifacts import download_artifacts

        uri = client().get_model_version_download_uri(name, version)
        try:
            downloaded = Path(
                download_artifacts(
                    artifact_uri=uri, dst_path=folder, tracking_uri=settings.MLFLOW_TRACKING_URI
                )
            )
        except Exception as error:
            if _is_gone(error):
                return {}
            raise
        return {
            str(path.relative_to(downloaded)): _sha256(path)
            for path in sorted(downloaded.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def champion_of(name: str) -> str:
    """Return the version that has the alias of a model, '' if none has."""
    with translated_errors():
        model = _model(name)
        return str((model.aliases or {}).get(CHAMPION, "")) if model is not None else ""


def set_champion(name: str, version: str) -> None:
    """Give the alias to a version; it leaves the one that had it in the same step."""
    with translated_errors():
        client().set_registered_model_alias(name, CHAMPION, version)


def remove_champion(name: str) -> None:
    """Take the alias off a model, if it has one."""
    with translated_errors():
        if champion_of(name):
            client().delete_registered_model_alias(name, CHAMPION)


def _model(name: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client().get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None


def _is_gone(error: Exception) -> bool:
    """Whether a download failed because there is nothing: each store says it in its own way."""
    from mlflow.exceptions import MlflowException

    codes = {"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"}
    if isinstance(error, MlflowException) and error.error_code in codes:
        return True
    return isinstance(error, FileNotFoundError) or "No such artifact" in str(error)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

"""Access to the MLflow store: environment, client, and a cheap probe whether it is reachable."""

from __future__ import annotations

import functools
import glob
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from runs_app.exceptions import TrackingAwayError, TrackingError
from runs_app.models import Run
from runs_app.system import locks
from runs_app.system.files import write_lines
from runs_app.texts import tracking as texts

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROBE_TIMEOUT_S = 3
# Answers of a gateway whose server is unreachable.
_GATEWAY_ERRORS = {502, 503, 504}

# MLflow's defaults print to stdout, send telemetry and retry for four minutes.
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}
# An open connection would continue to write into a file that was moved away.
_SQLITE_ENVIRONMENT = {"MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool"}
_SQLITE = "sqlite:///"


def is_http() -> bool:
    """Return whether the store is a server."""
    return str(settings.MLFLOW_TRACKING_URI).startswith(("http://", "https://"))


def remember_uri() -> None:
    """Store the URI for commands that `mlflow run` starts, which get that of their caller.

    It may contain a password, so the file is private. None is kept of the embedded store, which
    is found without one.
    """
    if os.environ.get("MLFLOW_RUN_ID"):
        return
    file = Path(settings.MLFLOW_REMEMBERED_URI)
    if settings.MLFLOW_IS_EMBEDDED:
        file.unlink(missing_ok=True)
    else:
        write_lines(file, [str(settings.MLFLOW_TRACKING_URI)])


def probe() -> None:
    """Ask a server for one byte, or look for the file; raises TrackingAwayError if it is missing.

    Writes nothing: a file created while the store is away would block it when it is back.
    """
    if not is_http():
        _look_for_file()
        return
    request = urllib.request.Request(f"{settings.MLFLOW_TRACKING_URI.rstrip('/')}/health")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PROBE_TIMEOUT_S):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        is_away = error.code in _GATEWAY_ERRORS
        error.close()
    except (OSError, ValueError):
        is_away = True
    if is_away:
        raise TrackingAwayError(texts.AWAY())


def _look_for_file() -> None:
    """Refuse to create a new store if runs refer to another one."""
    uri = str(settings.MLFLOW_TRACKING_URI)
    file = Path(uri.removeprefix(_SQLITE))
    if not uri.startswith(_SQLITE) or file.exists():
        return
    if Run.objects.exclude(mlflow_run_id="").exists():
        raise TrackingAwayError(texts.STORE_GONE(file=file))


@functools.cache
def client() -> MlflowClient:
    """Return this process's client; creating the embedded store takes seconds, once.

    Two processes that create it at the same time would corrupt it, so a lock is taken.
    """
    probe()
    for name, value in {**_ENVIRONMENT, **({} if is_http() else _SQLITE_ENVIRONMENT)}.items():
        os.environ.setdefault(name, value)
    with translated_errors():
        from mlflow import MlflowClient

        logging.getLogger("alembic").setLevel(logging.WARNING)
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        Path(settings.MLFLOW_ARTIFACTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        with locks.hold(Path(settings.MLFLOW_HOME) / "store.lock", wait=not is_http()):
            _begin_file()
            made = MlflowClient(tracking_uri=settings.MLFLOW_TRACKING_URI)
            if not is_http():
                made.search_experiments(max_results=1)
            return made


def begin_store() -> None:
    """Create the embedded store if there is none yet; if there is, MLflow is not imported."""
    probe()
    if not _is_made():
        client()


def _is_made() -> bool:
    """Return whether no embedded store needs to be created."""
    uri = str(settings.MLFLOW_TRACKING_URI)
    file = Path(uri.removeprefix(_SQLITE))
    return not uri.startswith(_SQLITE) or (file.exists() and file.stat().st_size > 0)


def _begin_file() -> None:
    """Create the embedded store under a temporary name and rename it, if there is none yet.

    A process killed while it creates the tables would else leave an unusable store.
    """
    if _is_made():
        return
    from mlflow import MlflowClient

    file = Path(str(settings.MLFLOW_TRACKING_URI).removeprefix(_SQLITE))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.new")
    for left in file.parent.glob(f"{glob.escape(aside.name)}*"):
        left.unlink()
    MlflowClient(tracking_uri=f"{_SQLITE}{aside}").search_experiments(max_results=1)
    aside.replace(file)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Convert exceptions of MLflow and its store to TrackingError."""
    try:
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError as error:
        raise TrackingError(texts.NOT_IMPORTED(error=str(error))) from error
    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise TrackingError(_without_password(str(error))) from error


def _without_password(text: str) -> str:
    """Remove the store's address: it may contain a password."""
    return text.replace(str(settings.MLFLOW_TRACKING_URI), "MLFLOW_TRACKING_URI")[:2000]

"""What takes seconds to make is made once, by whichever test process comes first.

An empty database depends on the code and its packages alone, and so does an empty MLflow store.
Both are kept from one test run to the next below pytest's cache folder, by a digest of what they
are made from.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import pytest
from django.core.management import call_command

from runs_app.system import locks
from tests.databases import used

ROOT = Path(__file__).resolve().parent.parent
# What an empty database is made of: the steps, and the rows that are made after them.
SCHEMA_PARTS = ("*/migrations/*.py", "*/models/*.py", "*/models.py", "portal/settings.py")
SCHEMA_PACKAGES = ("django", "django-q2", "django-simple-history")
STORE_PACKAGES = ("mlflow", "alembic", "sqlalchemy")
# Older versions of the code leave databases behind.
MAX_CACHED = 5

MAKES_A_STORE = (
    "import sys; from mlflow import MlflowClient; "
    "MlflowClient(tracking_uri='sqlite:///' + sys.argv[1]).search_experiments(max_results=1)"
)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this test run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(cache: Path, name: str, digest: str, make: Callable[[Path], object]) -> Path:
    """Return the file `name` of this digest from `cache`; the first process that asks makes it.

    It is for reading and copying only.
    """
    cache.mkdir(parents=True, exist_ok=True)
    file = cache / f"{digest}-{name}"
    with locks.hold(cache / f"{name}.lock", wait=True):
        if not file.exists():
            aside = cache / f"new-{name}"
            aside.unlink(missing_ok=True)
            make(aside)
            aside.replace(file)
        file.touch()
        _forget_older(cache.glob(f"*-{name}"), but=file)
    return file


def schema_digest(root: Path = ROOT) -> str:
    """Return a digest of the code and the packages that decide what `migrate` makes."""
    digest = _digest_of_packages(SCHEMA_PACKAGES)
    for file in sorted({file for part in SCHEMA_PARTS for file in root.glob(part)}):
        digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:32]


def store_digest() -> str:
    """Return a digest of the packages that decide what an empty MLflow store is."""
    return _digest_of_packages(STORE_PACKAGES).hexdigest()[:32]


def _digest_of_packages(packages: Iterable[str]) -> hashlib._Hash:
    digest = hashlib.sha256(sys.version.encode())
    for package in packages:
        digest.update(f"{package}={version(package)}\n".encode())
    return digest


def _forget_older(files: Iterable[Path], *, but: Path) -> None:
    others = sorted((file for file in files if file != but), key=lambda file: file.stat().st_mtime)
    for file in others[: 1 - MAX_CACHED]:
        file.unlink(missing_ok=True)


def make_database(file: Path) -> None:
    """Make an empty, up to date database of the portal."""
    with used(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)


def make_store(file: Path) -> None:
    """Make an empty MLflow store, in a process that leaves no settings of MLflow in this one."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAKES_A_STORE, str(file)],
        env={**os.environ, **quiet},
        check=True,
        capture_output=True,
    )

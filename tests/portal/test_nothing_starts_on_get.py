"""No page that is merely opened starts a program: not an interpreter, not git, nothing.

The addresses come from the URLconf, so that a new page is covered from its first line. Python's own
audit events report every start, however it is done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet, EntryPoint, Experiment, FactSheet, ScanJob
from runs_app.choices import RunStatus
from runs_app.lifecycle import submit
from runs_app.lifecycle.prepare import RunRequest
from tests.factories import (
    change_entry_points,
    make_directory,
    make_entry_point,
    make_experiment,
    make_run,
    make_script,
)
from tests.runs_app.conftest import Home, home, mlflow_store

__all__ = ["home", "mlflow_store"]
pytestmark = pytest.mark.django_db

STARTS = {
    "subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "os.system", "os.startfile", "pty.spawn",
}  # fmt: skip
_watched: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watched and event in STARTS:
        for seen in _watched:
            seen.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_note)


@pytest.fixture
def started() -> Iterator[list[str]]:
    """What this process starts while the test runs."""
    seen: list[str] = []
    _watched.append(seen)
    yield seen
    _watched.remove(seen)


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


ROUTES = sorted(
    {
        route
        for route, item in patterns(get_resolver())
        if item.name is None or item.name.startswith(("registry_app_", "runs_app_", "index"))
    }
)


@pytest.fixture
def bct(home: Home) -> Experiment:
    """An experiment in a git repository with an environment of its own that was never asked."""
    directory = make_directory(
        home.roots,
        "bct",
        {
            "train.py": "import torch, argparse\n",
            "explore.ipynb": "{}",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/refs/heads/main": "0" * 40,
            ".git/config": "[core]\n\tfsmonitor = touch started\n",
        },
    )
    python = directory / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\ntouch started\n")
    python.chmod(0o755)
    experiment = make_experiment("bct", path=str(directory))
    make_entry_point(experiment, interpreter=".venv/bin/python")
    make_entry_point(experiment, "infer", "explore.ipynb", confirmed=False)
    make_script(experiment)
    make_script(experiment, "explore.ipynb", types=["infer"])
    FactSheet.objects.create(experiment=experiment)
    return experiment


def values_of(experiment: Experiment, run: int, job: int, change_set: int) -> dict[str, object]:
    return {
        "object_id": experiment.pk,
        "pk": experiment.pk,
        "version_id": experiment.history.latest().pk,
        "stream": "stdout",
        "name": "spec.json",
        "file_pk": 1,
        "run": run,
        "job": job,
        "change_set": change_set,
    }


def address_of(route: str, values: dict[str, object]) -> str:
    """Fill in a route: numbers are those of the row that the page is about."""
    parts = []
    for part in route.replace("^", "").replace("$", "").replace("\\", "").split("/"):
        name = part.strip("<>").rpartition(":")[2]
        is_open = part.startswith(("<", "(?P<"))
        if part.startswith("(?P<"):
            name = part.split("<")[1].split(">")[0]
        if not is_open:
            parts.append(part)
        elif name in {"object_id", "pk"} and "/runs_app/run/" in f"/{route}":
            parts.append(str(values["run"]))
        elif name in {"object_id", "pk"} and "/scanjob/" in route:
            parts.append(str(values["job"]))
        elif name in {"object_id", "pk"} and "/changeset/" in route:
            parts.append(str(values["change_set"]))
        else:
            parts.append(str(values.get(name, 1)))
    return "/" + "/".join(parts)


def queries_of(route: str, experiment: Experiment, run: int) -> list[str]:
    """What a page is asked with: the form of runs for each type, and to run again."""
    if route.endswith("runs_app/run/new/"):
        asked = [f"?type={kind}&experiment={experiment.pk}" for kind in ("train", "infer", "quant")]
        return [*asked, f"?again={run}"]
    if route.endswith("/source/"):
        return ["?path=train.py"]
    return [""]


def test_the_addresses_are_those_that_matter() -> None:
    assert "admin/runs_app/run/new/" in ROUTES
    assert any("experiment/<path:object_id>/change/" in route for route in ROUTES)
    assert len(ROUTES) > 60


@pytest.mark.parametrize("is_confirmed", [pytest.param(True, marks=pytest.mark.proof), False])
def test_no_page_that_is_opened_starts_a_program(
    bct: Experiment, started: list[str], client: Client, is_confirmed: bool
) -> None:
    if not is_confirmed:
        EntryPoint.objects.update(args_template="--epochs 9")
    run = make_run(bct, RunStatus.SUCCEEDED)
    job = ScanJob.objects.create()
    change_set = ChangeSet.objects.create(origin=ChangeOrigin.ADMIN)
    client.force_login(User.objects.create_superuser("root"))
    values = values_of(bct, run.pk, job.pk, change_set.pk)
    shown = 0
    for route in ROUTES:
        for query in queries_of(route, bct, run.pk):
            answer = client.get(address_of(route, values) + query)
            if answer.streaming:
                list(answer)
            shown += answer.status_code == 200
            assert not started, (route, query)
    assert shown > 40
    assert not list(Path(bct.path).rglob("started"))


def test_the_watch_sees_a_start(
    bct: Experiment, started: list[str], settings: Settings, tmp_path: Path
) -> None:
    """What the pages above leave out is done when a run is asked for."""
    change_entry_points(bct, interpreter=sys.executable, default_script="train.py")
    (Path(bct.path) / "train.py").write_text("print()\n")
    settings.GUARDIANFLOW_HOME = tmp_path / "another"
    settings.RUNS_DIR = settings.GUARDIANFLOW_HOME / "runs"
    submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    assert any(item.startswith("subprocess.Popen") for item in started)

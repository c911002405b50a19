"""The road with PostgreSQL as the referee: a portal for more than one machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import Server, programs
from tests.stories.served import ServedPortal
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.processes,
    pytest.mark.first,
    pytest.mark.proof,
]

HERE, COPY = "road", "road-copy"


@pytest.fixture
def database_url(postgres: Server) -> Iterator[str]:
    yield postgres.create(HERE)
    postgres.drop(HERE)


@pytest.fixture
def copy_url(postgres: Server) -> Iterator[str]:
    yield postgres.create(COPY)
    postgres.drop(COPY)


def test_the_road_on_postgresql(database_url: str, copy_url: str, tmp_path: Path) -> None:
    portal = ServedPortal(
        tmp_path, DATABASE_URL=database_url, MLFLOW_TRACKING_URI="http://127.0.0.1:9"
    )
    portal.guardianflow("scan", "--import")
    exported = portal.guardianflow("export", "-")
    (tmp_path / "experiments.yaml").write_text(exported)
    portal.guardianflow("import", str(tmp_path / "experiments.yaml"))
    assert portal.guardianflow("export", "-") == exported
    assert exported.count("\n    path: ") == 8

    portal.guardianflow("run", "kcc-yeoju-smoke", "--type", "train", "--wait-mlflow")
    queued = [
        int(portal.guardianflow("run", name, "--type", "train", "--queue"))
        for name in ("kcc-yeoju-smoke", "donghwa-entec-ppe", "kcc-yeoju-smoke")
    ]
    with portal.working():
        wait_until(
            lambda: {status_of(database_url, run) for run in queued} == {"succeeded"},
            what=lambda: f"all runs end: {portal.guardianflow('runs')} {portal.log('worker')}",
        )
    shown = {run["id"]: run for run in json.loads(portal.guardianflow("runs", "--json"))}
    first, _other, second = (shown[run] for run in queued)
    assert first["finished_at"] <= second["started_at"]

    another_home_from_a_backup(portal, shown, copy_url, tmp_path)


def status_of(url: str, run: int) -> str:
    """Look into the database: a command for each look would start a process for each."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT status FROM runs_app_run WHERE id = %s", [run])
        [status] = found.fetchone() or [""]
        return str(status)


def another_home_from_a_backup(
    portal: ServedPortal, shown: dict[int, Any], copy_url: str, tmp_path: Path
) -> None:
    portal.environment["PATH"] = f"{programs()}{os.pathsep}{portal.environment['PATH']}"
    portal.guardianflow("backup", str(tmp_path / "copy.tar.gz"))
    portal.environment["DATABASE_URL"] = copy_url
    portal.environment["GUARDIANFLOW_HOME"] = str(tmp_path / "other")
    portal.guardianflow("restore", str(tmp_path / "copy.tar.gz"))
    restored = json.loads(portal.guardianflow("runs", "--json"))
    assert {run["id"]: run for run in restored} == shown

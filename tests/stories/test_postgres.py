"""The road with PostgreSQL as the referee: a portal for more than one machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres import programs, running_server
from tests.stories.served import ServedPortal
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.timeout(240),
]


@pytest.fixture
def database_url() -> Iterator[str]:
    with running_server() as server:
        yield server.url()


def test_the_road_on_postgresql(database_url: str, tmp_path: Path) -> None:
    portal = ServedPortal(tmp_path)
    portal.environment["DATABASE_URL"] = database_url
    portal.guardianflow("scan", "--import")
    assert len(json.loads(portal.guardianflow("list", "--json"))) == 8
    exported = portal.guardianflow("export", "-")
    (tmp_path / "experiments.yaml").write_text(exported)
    portal.guardianflow("import", str(tmp_path / "experiments.yaml"))
    assert portal.guardianflow("export", "-") == exported

    portal.guardianflow("run", "kcc-yeoju-smoke", "--type", "train")
    queued = [
        portal.guardianflow("run", name, "--type", "train", "--queue").strip()
        for name in ("kcc-yeoju-smoke", "donghwa-entec-ppe", "kcc-yeoju-smoke")
    ]
    portal.start()
    try:
        wait_until(
            lambda: all(_is_over(portal, run) for run in queued),
            what=lambda: f"all runs end: {portal.guardianflow('runs')} {portal.log('worker')}",
            limit_s=180,
        )
        shown = [json.loads(portal.guardianflow("show", run, "--json")) for run in queued]
    finally:
        portal.stop()
    assert [run["status"] for run in shown] == ["succeeded"] * 3
    first, _other, second = shown
    assert first["finished_at"] <= second["started_at"]
    assert len({run["mlflow_run_id"] for run in shown}) == 3

    _another_home_from_a_backup(portal, database_url, tmp_path)


def _another_home_from_a_backup(portal: ServedPortal, database_url: str, tmp_path: Path) -> None:
    portal.environment["PATH"] = f"{programs()}{os.pathsep}{portal.environment['PATH']}"
    runs = portal.guardianflow("runs", "--json")
    portal.guardianflow("backup", str(tmp_path / "copy.tar.gz"))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE copy")
    portal.environment["DATABASE_URL"] = database_url.replace("/postgres?", "/copy?")
    portal.environment["GUARDIANFLOW_HOME"] = str(tmp_path / "other")
    portal.guardianflow("restore", str(tmp_path / "copy.tar.gz"))
    assert portal.guardianflow("runs", "--json") == runs


def _is_over(portal: ServedPortal, run: str) -> bool:
    shown = json.loads(portal.guardianflow("show", run, "--json"))
    return bool(shown["status"] == "succeeded" and shown["mlflow_state"] == "sent")

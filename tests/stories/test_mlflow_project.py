"""Minsu trains with `mlflow run`, in a shell that logs to the store of another team."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.mlflow, pytest.mark.proof]

BIN = Path(sys.executable).parent
TRAIN = """\
import argparse, sys

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--fast", action="store_true")
parser.add_argument("--leave-with", type=int, default=0)
options = parser.parse_args()
model_epochs = 1
for epoch in range(model_epochs):
    print("training on", options.data, options.learning_rate, options.fast, flush=True)
sys.exit(options.leave_with)
"""


@pytest.fixture
def shell(
    tmp_path: Path, empty_database: Path, empty_store: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A shell on the portal's machine whose MLflow logs to a store that is not the portal's."""
    home = tmp_path / "home"
    (home / "mlflow").mkdir(parents=True)
    shutil.copy(empty_database, home / "portal.sqlite3")
    shutil.copy(empty_store, home / "mlflow" / "mlflow.sqlite3")
    shutil.copy(empty_store, tmp_path / "foreign.sqlite3")
    unwanted = ("DJANGO_", "DATABASE_URL", "MLFLOW_", "GUARDIANFLOW_")
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith(unwanted)},
        "GUARDIANFLOW_HOME": str(home),
        "GUARDIANFLOW_ROOTS": str(tmp_path / "experiments"),
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'foreign.sqlite3'}",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_the_run_is_the_portals_and_lands_in_its_store(
    tmp_path: Path, shell: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    directory = tmp_path / "experiments" / "용접 구역"
    directory.mkdir(parents=True)
    (directory / "train.py").write_text(TRAIN, encoding="utf-8")
    assert shell("guardianflow", "scan", "--import").returncode == 0
    assert shell("guardianflow", "core", "init", "core").returncode == 0

    project = ("mlflow", "run", "--env-manager", "local", "core", "-e", "용접 구역.train")
    data = ("-P", "data=한 글/$HOME 'ppe'.yaml")
    done = shell(*project, *data, "-P", "fast=true", "-P", "learning_rate=0.5")
    assert done.returncode == 0, done.stderr
    assert "training on 한 글/$HOME 'ppe'.yaml 0.5 True" in done.stdout
    shown = json.loads(shell("guardianflow", "show", "1", "--json").stdout)
    assert shown["argv"][1:] == [
        *("train.py", "--data", "한 글/$HOME 'ppe'.yaml", "--learning-rate", "0.5", "--fast"),
    ]
    assert shown["given"] == {"data": "한 글/$HOME 'ppe'.yaml", "learning_rate": 0.5, "fast": True}

    failed = shell(*project, *data, "-P", "leave-with=3")
    assert failed.returncode == 1
    assert "run 2 failed" in failed.stderr
    assert "status 3" in failed.stderr

    # On a busy machine the command leaves it to a worker to tell MLflow.
    for number in ("1", "2"):
        sent = shell("env", "MLFLOW_RUN_ID=4711", "guardianflow", "send_run", number)
        assert sent.returncode == 0, sent.stderr
    own, foreign = tmp_path / "home" / "mlflow" / "mlflow.sqlite3", tmp_path / "foreign.sqlite3"
    wrapped = "SELECT count(*) FROM tags WHERE key = 'guardianflow.run_id'"
    # A sender that was started meanwhile may have one of them in its hands.
    wait_until(lambda: rows(own, wrapped) == [(2,)], what="MLflow has both")
    assert rows(foreign, wrapped) == [(0,)]
    assert rows(foreign, "SELECT status FROM runs ORDER BY start_time") == [
        ("FINISHED",),
        ("FAILED",),
    ]


def rows(store: Path, question: str) -> list[Any]:
    with sqlite3.connect(store) as connection:
        return connection.execute(question).fetchall()

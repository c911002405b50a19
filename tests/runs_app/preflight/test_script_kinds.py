"""Every kind of script runs as it would for its author, or is refused with a fix."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import ScriptRefusedError
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.models import Run
from tests.factories import change_entry_points
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start
from tests.trees import fingerprint
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

JUPYTER = Path(portal_settings.BASE_DIR) / ".venv-jupyter" / "bin" / "python"
needs_jupyter = pytest.mark.skipif(
    not JUPYTER.exists(), reason="`make test` could not set up an environment with Jupyter"
)


def with_script(home: Home, path: str, text: str) -> Experiment:
    """An experiment whose default script is this one."""
    bct = home.experiment()
    file = Path(bct.path) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    bct.scripts.update(path=path)
    change_entry_points(bct, default_script=path)
    return bct


def notebook(*cells: str, **metadata: Any) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": metadata,
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{number}",
                    "metadata": {},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for number, source in enumerate(cells)
            ],
        }
    )


def executed(run: Run) -> list[dict[str, Any]]:
    """The cells of the notebook that was kept with its results."""
    row = run.files.get(kept="executed.ipynb")
    assert row.path.endswith(".executed.ipynb")
    cells: list[dict[str, Any]] = json.loads((run.folder / row.kept).read_text())["cells"]
    return cells


def log_of(run: Run, name: str = "stdout") -> str:
    return (run.folder / f"{name}.log").read_text(encoding="utf-8")


def test_a_module_of_a_package_finds_its_neighbours(home: Home) -> None:
    bct = with_script(home, "net/train.py", "from .layers import DEPTH\nprint('depth', DEPTH)\n")
    (Path(bct.path) / "net" / "layers.py").write_text("DEPTH = 3\n")
    run = run_to_end(bct)
    assert run.exit_code == 0, log_of(run, "stderr")
    assert run.argv[1:] == ["-m", "net.train"]
    assert log_of(run) == "depth 3\n"


def test_a_shell_launcher_runs_under_bash(home: Home) -> None:
    run = run_to_end(with_script(home, "run_train.sh", 'a=(1 2 3); echo "${#a[@]} in $PWD"\n'))
    assert run.exit_code == 0
    assert log_of(run) == f"3 in {run.cwd}\n"


@pytest.mark.parametrize(
    ("script", "fix"),
    [
        ("run.bat", "Choose the Python script that it starts"),
        ("run.PS1", "Choose the Python script that it starts"),
        ("notes.md", r"Scripts are \.py or \.sh files"),
        ("explore.ipynb", "-m pip install nbclient ipykernel"),
    ],
)
def test_what_cannot_be_started_is_refused_with_a_fix(
    home: Home, script: str, fix: str, tmp_path: Path
) -> None:
    bct = with_script(home, script, "{}")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    change_entry_points(bct, interpreter=str(tmp_path / "venv" / "bin" / "python"))
    with pytest.raises(ScriptRefusedError, match=fix):
        prepare(RunRequest(experiment=bct, type="train"))


def jupyter(home: Home, text: str, path: str = "notebooks/explore.ipynb") -> Experiment:
    bct = with_script(home, path, text)
    change_entry_points(bct, interpreter=str(JUPYTER), grace_s=600)
    return bct


@needs_jupyter
def test_a_notebook_is_executed_and_stays_as_it_was(home: Home) -> None:
    cells = [
        "import os, sys\nprint('에폭 1', os.path.basename(os.getcwd()))",
        "open('results.csv', 'w').write('epoch,loss\\n1,0.5\\n')",
        "print('a warning', file=sys.stderr)\n40 + 2",
    ]
    stranger = {"name": "conda-env-of-somebody", "language": "python", "display_name": "?"}
    bct = jupyter(home, notebook(*cells, kernelspec=stranger))
    before = fingerprint(Path(bct.path))
    run = run_to_end(bct)
    assert run.exit_code == 0, log_of(run, "stderr")
    assert "[cell 1/3]\n에폭 1 notebooks\n" in log_of(run)
    assert log_of(run).endswith("42\n")
    assert "a warning" in log_of(run, "stderr")
    assert executed(run)[2]["outputs"][-1]["data"]["text/plain"] in ("42", ["42"])
    assert run.files.filter(path="notebooks/results.csv").exists()
    after = fingerprint(Path(bct.path))
    assert set(after) - set(before) == {"notebooks/results.csv"}
    assert after["notebooks/explore.ipynb"] == before["notebooks/explore.ipynb"]
    run.refresh_from_db()
    assert run.source_changed == []


@needs_jupyter
def test_a_cell_that_fails_fails_the_run_and_keeps_what_there_is(home: Home) -> None:
    run = run_to_end(jupyter(home, notebook("print('ready')", "raise ValueError('no data')", "1")))
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 1)
    assert "no data" in log_of(run, "stderr")
    first, second, third = executed(run)
    assert first["outputs"][0]["text"] in ("ready\n", ["ready\n"])
    assert second["outputs"][0]["ename"] == "ValueError"
    assert third["outputs"] == []


@needs_jupyter
def test_a_notebook_that_is_cancelled_keeps_what_there_is(home: Home) -> None:
    run = queue(jupyter(home, notebook("print('ready')", "import time; time.sleep(600)")))
    assert start(run)
    reach(run, RunStatus.RUNNING)
    wait_until(lambda: "ready" in log_of(run), what="the first cell has run")
    assert cancel(run, user=None)
    end(run)
    assert run.status == RunStatus.CANCELLED
    assert executed(run)[0]["outputs"]

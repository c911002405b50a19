"""Lists and runs in a terminal start fast: what they do not need is not imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs_app.conftest import Home

HEAVY = (
    "mlflow",
    "pandas",
    "numpy",
    "sklearn",
    "import_export.formats",
    "tablib",
    "openpyxl",
    "rich",
    "yaml",
    "registry_app.inference",
    "runs_app.comparing",
    "runs_app.lifecycle.reconcile",
)
PROGRAM = f"""\
import sys
from portal.cli import execute
try:
    execute(["guardianflow", *sys.argv[1:]])
except SystemExit as end:
    assert not end.code, end.code
print([name for name in {HEAVY!r} if name in sys.modules])
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
@pytest.mark.parametrize("command", ["list_experiments", "list_runs"])
def test_a_list_imports_nothing_heavy(home: Home, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


# None of it is needed to start a script.
NOT_BEFORE_THE_SCRIPT = (
    *("mlflow", "numpy", "import_export.resources", "tablib", "openpyxl", "rich", "yaml"),
    *("django.contrib.auth.admin", "unfold.admin", "portal.urls", "registry_app.admin"),
    *("registry_app.document", "registry_app.sync", "registry_app.scan.run"),
    *("registry_app.inference.argparse_trace", "registry_app.inference.readers"),
    *("registry_app.results.choosing", "registry_app.results.logs", "registry_app.resources"),
    *("runs_app.admin", "runs_app.views", "runs_app.stages", "runs_app.promotion"),
    *("runs_app.sets", "runs_app.parity", "runs_app.lifecycle.finish"),
    *("runs_app.lifecycle.reconcile", "runs_app.tracking.outbox"),
)
# Nor this, to close a run that left nothing to read.
NOT_WITHOUT_RESULTS = (
    *("mlflow", "yaml", "registry_app.document", "registry_app.results.choosing"),
    *("registry_app.results.logs", "runs_app.lifecycle.reconcile", "runs_app.stages"),
)
# Of the portal itself; each costs up to a millisecond.
MOST_MODULES_BEFORE_THE_SCRIPT = 320
RUN = """\
import json, sys
from pathlib import Path
def note(event, arguments):
    if event == "subprocess.Popen" and "import supervisor" in str(arguments[1]):
        Path(sys.argv[1], "before.json").write_text(json.dumps(list(sys.modules)))
        # What is loaded while a longer script runs: on a busy machine this one takes as long.
        sys.modules["runs_app.lifecycle.foreground"]._load_readers = lambda: None
sys.addaudithook(note)
from portal.cli import execute
try:
    execute(["guardianflow", "run", "sampyo-gimhae-bct"])
except SystemExit as end:
    assert not end.code, end.code
Path(sys.argv[1], "after.json").write_text(json.dumps(list(sys.modules)))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_a_run_in_a_terminal_imports_little(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    home.experiment(script="")
    done = subprocess.run(
        [sys.executable, "-c", RUN, tmp_path], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    before, after = (
        json.loads((tmp_path / f"{when}.json").read_text()) for when in ("before", "after")
    )
    assert _among(NOT_BEFORE_THE_SCRIPT, before) == []
    assert _among(NOT_WITHOUT_RESULTS, after) == []
    own = [
        name for name in before if name.partition(".")[0] in {"portal", "registry_app", "runs_app"}
    ]
    assert len(own) <= MOST_MODULES_BEFORE_THE_SCRIPT


def _among(rooms: tuple[str, ...], imported: list[str]) -> list[str]:
    return [
        name
        for name in imported
        if name.startswith(tuple(f"{room}." for room in rooms)) or name in rooms
    ]

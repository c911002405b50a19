"""Lists start fast: what they do not need is not imported."""

from __future__ import annotations

import subprocess
import sys

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

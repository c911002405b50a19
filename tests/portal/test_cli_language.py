"""Commands speak the language of the terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("terminal", "message"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "실험 0개"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, "0 experiments"),
        ({"LANG": "fr_FR.UTF-8"}, "0 experiments"),
        ({}, "0 experiments"),
    ],
)
def test_the_language_is_that_of_the_terminal(
    tmp_path: Path, empty_database: Path, terminal: dict[str, str], message: str
) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "home").mkdir()
    shutil.copy(empty_database, tmp_path / "home" / "portal.sqlite3")
    done = subprocess.run(
        [sys.executable, "-c", "from portal.cli import main; main()", "scan"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONUTF8": "1",
            "GUARDIANFLOW_HOME": str(tmp_path / "home"),
            "GUARDIANFLOW_ROOTS": str(tmp_path / "experiments"),
            **terminal,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert message in done.stderr

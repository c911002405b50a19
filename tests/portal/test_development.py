"""`make dev` serves the database of the real portal, whatever its tools have of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


# Asks for a page as the server of `make dev` answers it, once its checks have passed.
ASKS = """
import django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check", fail_level="WARNING")
from portal import database
assert not database.pending(), database.pending()
page = Client(SERVER_NAME="127.0.0.1").get("/admin/login/")
print(page.status_code, "djDebug" in page.text)
"""


@pytest.mark.proof
@pytest.mark.processes
def test_it_starts_on_a_database_that_exists_and_shows_its_toolbar(
    tmp_path: Path, empty_database: Path
) -> None:
    home, roots = tmp_path / "home", tmp_path / "experiments"
    home.mkdir(mode=0o700)
    roots.mkdir()
    shutil.copy(empty_database, home / "portal.sqlite3")
    done = subprocess.run(
        [sys.executable, "-c", ASKS],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.development",
            "GUARDIANFLOW_HOME": str(home),
            "GUARDIANFLOW_ROOTS": str(roots),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("200 True\n")

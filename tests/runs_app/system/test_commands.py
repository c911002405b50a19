"""A detached command does its work with no parent that waits for it."""

from __future__ import annotations

import gc
import os
import warnings

import psutil
import pytest
from pytest_django import Settings

from runs_app.system import commands
from tests.runs_app.conftest import Home
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def test_a_detached_command_is_no_child_of_its_caller(home: Home) -> None:
    before = {child.pid for child in psutil.Process().children()}
    mark = "this-command-is-not-known"
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert commands.detach(mark)
        gc.collect()
    assert {child.pid for child in psutil.Process().children()} <= before
    wait_until(lambda: not running(mark), what="the command has ended and left no zombie")


def test_it_works_in_the_home_away_from_the_terminal(home: Home) -> None:
    out = home.path / "session"
    (home.path / "sitecustomize.py").write_text(
        "import os, pathlib, sys\n"
        "if sys.orig_argv[-1] == 'told':\n"
        f"    pathlib.Path({str(out)!r}).write_text(f'{{os.getsid(0)}} {{os.getcwd()}}')\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(home.path))
        assert commands.detach("help", "told")
    wait_until(lambda: out.exists() and out.read_text(), what="the command was started")
    session, folder = out.read_text().split(" ", 1)
    assert int(session) != os.getsid(0)
    assert folder == str(home.path)


def test_that_nothing_could_be_started_is_said(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_HOME = home.path / "gone"
    assert not commands.detach("help")


def running(word: str) -> list[psutil.Process]:
    """Processes, zombies too, that have the word among their arguments."""
    found = []
    for process in psutil.process_iter():
        try:
            if word in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found

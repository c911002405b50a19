"""Fifty runs on a terminal, all of them in a pipe, and no more is read than is taken."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.choices import RunStatus
from runs_app.management.commands import list_runs
from runs_app.models import Run
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home, Portal
from tests.waiting import LIMIT_S

ON_A_TERMINAL = """\
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.executable, [sys.executable, "-m", "django", "list_runs", *sys.argv[1:]])
shown = b""
try:
    while part := os.read(terminal, 65536):
        shown += part
except OSError:  # it has ended
    pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
"""


def make_runs(count: int) -> list[int]:
    """Runs that have ended; return their numbers, the newest first."""
    experiment = make_experiment()
    return [make_run(experiment, RunStatus.SUCCEEDED).pk for _ in range(count)][::-1]


def numbers(shown: str) -> list[int]:
    """The first numbers of the lines of a table, drawn or aligned."""
    words = [line.replace("│", " ").split()[:1] for line in shown.splitlines()]
    return [int(word) for [word] in filter(None, words) if word.isdecimal()]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_terminal_shows_fifty_and_a_pipe_gets_all(home: Home, portal: Portal) -> None:
    runs = make_runs(list_runs.SHOWN + 10)
    shown, _err = portal.start_program("-c", ON_A_TERMINAL).communicate(timeout=LIMIT_S)
    assert numbers(shown.decode()) == runs[: list_runs.SHOWN]
    assert numbers(portal.run("list_runs").stdout.decode()) == runs
    assert [run["id"] for run in json.loads(portal.run("list_runs", "--json").stdout)] == runs
    limited = portal.start_program("-c", ON_A_TERMINAL, "--limit", "55")
    shown, _err = limited.communicate(timeout=LIMIT_S)
    assert numbers(shown.decode()) == runs[:55]


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [None, 1, 2, 3, 4, 5, 9])
def test_parts_together_are_the_whole(monkeypatch: pytest.MonkeyPatch, limit: int | None) -> None:
    monkeypatch.setattr(list_runs, "PART", 2)
    runs = make_runs(5)
    out = io.StringIO()
    call_command("list_runs", limit=limit, json=True, stdout=out)
    assert [run["id"] for run in json.loads(out.getvalue())] == runs[:limit]


class Leaving(io.StringIO):
    """A reader that leaves after the first lines, as `head` does."""

    def write(self, text: str) -> int:
        if self.getvalue().count("\n") > 2:
            raise BrokenPipeError
        return super().write(text)


@pytest.mark.django_db
@pytest.mark.parametrize("as_json", [True, False])
def test_no_more_is_read_than_the_reader_takes(
    monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    monkeypatch.setattr(list_runs, "PART", 2)
    monkeypatch.setattr(sys.modules["runs_app.cli.command"], "ALIGNED_TOGETHER", 2)
    newest = make_runs(20)[0]
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        pytest.raises(BrokenPipeError),
    ):
        call_command("list_runs", json=as_json, stdout=Leaving())
    of_runs = [query for query in queries if f'FROM "{Run._meta.db_table}"' in query["sql"]]
    assert len(of_runs) < 6
    assert newest

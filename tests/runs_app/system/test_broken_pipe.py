"""A reader takes the first lines of a command and closes the pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from runs_app.system.broken_pipe import SIGPIPE_STATUS, quiet_pipe


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """A stream whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        yield stream


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_command_ends_quietly_when_its_reader_has_gone(
    monkeypatch: pytest.MonkeyPatch, unread: TextIO, name: str
) -> None:
    with open(os.devnull, "w", encoding="utf-8") as other:
        monkeypatch.setattr(sys, "stdout", other)
        monkeypatch.setattr(sys, "stderr", other)
        monkeypatch.setattr(sys, name, unread)
        with pytest.raises(SystemExit) as ended, quiet_pipe():
            print("a line", file=unread, flush=name == "stderr")
    assert ended.value.code == SIGPIPE_STATUS


def test_a_short_output_is_found_unread_at_the_end(
    monkeypatch: pytest.MonkeyPatch, unread: TextIO
) -> None:
    """Also where the command ends by itself with a status of its own."""
    with open(os.devnull, "w", encoding="utf-8") as other:
        monkeypatch.setattr(sys, "stdout", unread)
        monkeypatch.setattr(sys, "stderr", other)
        unread.write("a line")
        with pytest.raises(SystemExit) as ended, quiet_pipe():
            sys.exit(0)
    assert ended.value.code == SIGPIPE_STATUS


def test_another_pipe_that_breaks_is_no_quiet_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, "w", encoding="utf-8") as read:
        monkeypatch.setattr(sys, "stdout", read)
        monkeypatch.setattr(sys, "stderr", read)
        with pytest.raises(BrokenPipeError), quiet_pipe():
            raise BrokenPipeError


def test_a_program_that_was_started_without_an_output_ends_as_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As by `guardianflow backup FILE >&-` in a cron line."""
    monkeypatch.setattr(sys, "stdout", None)
    with quiet_pipe():
        pass
    with pytest.raises(BrokenPipeError), quiet_pipe():
        raise BrokenPipeError

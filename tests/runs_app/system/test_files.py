"""Files that are whole or not there."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs_app.system.files import write_json, write_lines


def test_what_was_written_is_read_back_and_private(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.json"
    write_json(path, {"name": "동화엔텍"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "동화엔텍"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write_lines(path, ["one"])

    def lines() -> Iterator[str]:
        yield "two"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_lines(path, lines())
    assert path.read_text() == "one\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["metrics.jsonl"]

"""Drafts and registry files are written whole, and nothing else is harmed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from registry_app.files.text_file import write_text
from tests.waiting import LIMIT_S


def test_a_new_file_and_its_folders_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "git" / "experiments.yaml", "한글\n")
    assert (tmp_path / "git" / "experiments.yaml").read_bytes() == "한글\n".encode()
    assert [path.name for path in (tmp_path / "git").iterdir()] == ["experiments.yaml"]


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "experiments.yaml"
    file.write_text("old")
    file.chmod(0o664)
    write_text(file, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o664)


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "experiments.yaml").symlink_to("repository/experiments.yaml")
    write_text(tmp_path / "experiments.yaml", "new")
    assert (tmp_path / "experiments.yaml").is_symlink()
    assert (tmp_path / "repository" / "experiments.yaml").read_text() == "new"


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()), daemon=True)
    reader.start()
    write_text(pipe, "experiments: {}\n")
    reader.join(LIMIT_S)
    assert heard == ["experiments: {}\n"]
    assert pipe.is_fifo()


def test_a_folder_is_no_place_for_a_text(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path, "x")

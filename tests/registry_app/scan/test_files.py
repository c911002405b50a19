"""Files are read as they are at one moment, or it is noted that they were not."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from registry_app.messages import joined, plain
from registry_app.scan import files as scan_files
from registry_app.scan.files import Files
from registry_app.scan.walk import MAX_READ_BYTES, walk
from tests.factories import make_directory
from tests.waiting import LIMIT_S


def test_content_is_given_with_its_digest(tmp_path: Path) -> None:
    files = Files(walk(make_directory(tmp_path, "e", {"train.py": "x = 1"})))
    assert files.read("train.py") == b"x = 1"
    assert files.digests == {"train.py": hashlib.sha256(b"x = 1").hexdigest()}
    assert files.stood_still


def test_nothing_that_was_not_listed_is_read(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x"})
    files = Files(walk(directory))
    (directory / "late.py").write_text("y")
    assert files.read("late.py") is None
    assert files.read("../e/train.py") is None


def test_a_file_that_vanished_is_not_read(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x"})
    files = Files(walk(directory))
    (directory / "train.py").unlink()
    assert files.read("train.py") is None
    assert not files.stood_still


def test_a_file_that_was_written_since_it_was_listed_is_noted(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x = 1"})
    files = Files(walk(directory))
    (directory / "train.py").write_text("x = 2")
    assert files.read("train.py") == b"x = 2"
    assert not files.stood_still


def test_a_file_that_changes_between_two_readings_is_noted(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x = 1"})
    files = Files(walk(directory))
    files.read("train.py")
    (directory / "train.py").write_text("x = 2")
    files.read("train.py")
    assert not files.stood_still


def test_a_file_that_grew_too_large_since_it_was_listed_is_not_read(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x"})
    files = Files(walk(directory))
    os.truncate(directory / "train.py", MAX_READ_BYTES + 1)
    assert files.read("train.py") is None
    assert not files.stood_still


def test_a_large_file_is_reported_and_not_read(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.ipynb": ""})
    os.truncate(directory / "train.ipynb", MAX_READ_BYTES + 1)
    files = Files(walk(directory))
    assert files.read("train.ipynb") is None
    assert joined(files.warnings) == "train.ipynb: skipped: larger than 4 MiB"
    assert files.stood_still


def test_what_is_left_out_is_reported_and_not_read(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x"})
    files = Files(walk(directory), skipped={"train.py": plain("left out")})
    assert files.read("train.py") is None
    assert joined(files.warnings) == "train.py: left out"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_reported_and_stays_so(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x"})
    (directory / "train.py").chmod(0)
    files = Files(walk(directory))
    assert files.read("train.py") is None
    assert joined(files.warnings) == "train.py: cannot be read (Permission denied)"
    assert files.stood_still


def test_a_pipe_that_took_the_place_of_a_file_does_not_hang_the_scan(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "e", {"train.py": "x = 1"})
    files = Files(walk(directory))
    (directory / "train.py").unlink()
    os.mkfifo(directory / "train.py")
    read: list[bytes | None] = []
    reader = threading.Thread(target=lambda: read.append(files.read("train.py")), daemon=True)
    reader.start()
    reader.join(LIMIT_S)
    assert read == [None]


def test_an_experiment_that_takes_too_long_is_read_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_files, "EXPERIMENT_CPU_S", -1)
    files = Files(walk(make_directory(tmp_path, "e", {"train.py": "x"})))
    assert files.read("train.py") is None
    assert "took longer" in str(files.warnings[0])
    assert not files.stood_still

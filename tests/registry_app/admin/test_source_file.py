"""A file of an experiment is shown around a line: only what a scan reads, only from inside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from registry_app.admin.source_file import LINES_AROUND, MAX_LINE_LENGTH, read_lines
from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.scan.walk import MAX_READ_BYTES


def write(directory: Path, name: str, text: str) -> None:
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def test_a_short_file_is_shown_whole(tmp_path: Path) -> None:
    write(tmp_path, "src/train.py", "import torch\r\nepochs = 3\n")
    found = read_lines(tmp_path, "src/train.py", around=2)
    assert (found.first, found.lines, found.total) == (1, ("import torch", "epochs = 3"), 2)


def test_of_a_long_file_only_the_lines_around_are_shown(tmp_path: Path) -> None:
    write(tmp_path, "train.py", "".join(f"x = {number}\n" for number in range(1, 10_001)))
    found = read_lines(tmp_path, "train.py", around=5000)
    assert (found.first, found.last, found.total) == (
        *(5000 - LINES_AROUND, 5000 + LINES_AROUND, 10_000),
    )
    assert found.lines[LINES_AROUND] == "x = 5000"
    assert read_lines(tmp_path, "train.py", around=99_999).lines[-1] == "x = 10000"


def test_korean_of_older_editors_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_bytes("# 안전모\n".encode("cp949"))
    assert read_lines(tmp_path, "train.py").lines == ("# 안전모",)


def test_a_notebook_is_shown_as_the_code_that_a_scan_reads(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 학습\n"]},
        {"cell_type": "code", "source": ["import torch\n", "!pip install x\n", "model.fit()"]},
    ]
    write(tmp_path, "train.ipynb", json.dumps({"cells": cells}))
    found = read_lines(tmp_path, "train.ipynb")
    assert found.is_notebook
    assert found.lines == ("import torch", "", "model.fit()")


def test_signs_that_hide_or_turn_text_are_replaced_and_long_lines_cut(tmp_path: Path) -> None:
    write(tmp_path, "train.py", f"a\x1b[2K\u202eb\tc\n{'x' * (MAX_LINE_LENGTH + 9)}\n")
    found = read_lines(tmp_path, "train.py")
    assert found.lines[0] == "a\ufffd[2K[U+202E]b\tc"
    assert found.lines[1] == "x" * MAX_LINE_LENGTH + " …"


@pytest.mark.parametrize(
    "path",
    ["../secret.py", "/etc/passwd.py", "out.py", "folder/secret.py", "a\0.py"],
)
def test_nothing_outside_is_shown(tmp_path: Path, path: str) -> None:
    experiment = tmp_path / "experiment"
    write(tmp_path, "secret.py", "password = 1")
    experiment.mkdir()
    (experiment / "out.py").symlink_to(tmp_path / "secret.py")
    (experiment / "folder").symlink_to(tmp_path)
    with pytest.raises(PathRefusedError):
        read_lines(experiment, path)


@pytest.mark.parametrize(
    "path",
    [".git/config.yaml", "weights.pt", ".env", "data/1.jpg", "._train.py", "", "node_modules/a.py"],
)
def test_what_a_scan_does_not_read_is_not_shown(tmp_path: Path, path: str) -> None:
    with pytest.raises(PathRefusedError, match="not a file that a scan reads"):
        read_lines(tmp_path, path)


def test_what_is_gone_too_large_or_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="does not exist any more"):
        read_lines(tmp_path, "train.py")
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(RegistryError, match="does not exist any more"):
        read_lines(tmp_path, "pipe.py")
    write(tmp_path, "large.py", "#" * (MAX_READ_BYTES + 1))
    with pytest.raises(RegistryError, match="larger than"):
        read_lines(tmp_path, "large.py")


def test_a_link_inside_the_directory_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "src/train.py", "epochs = 3\n")
    (tmp_path / "train.py").symlink_to(tmp_path / "src" / "train.py")
    assert read_lines(tmp_path, "train.py").lines == ("epochs = 3",)

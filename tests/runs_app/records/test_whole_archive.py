"""Everything that a run left as one archive, made while it is sent."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from runs_app.records.whole_archive import BLOCK_BYTES, NOT_THERE, entries, inside, pieces


def unpacked(folder: Path, *outputs: tuple[str, str]) -> zipfile.ZipFile:
    data = b"".join(pieces(folder, entries("ppe-7", outputs)))
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "best.pt").write_bytes(b"weights" * 99_999)
    (tmp_path / "stdout.log").write_text("epoch 1\n")
    (tmp_path / "source.json").write_text("{}")
    return tmp_path


def test_outputs_logs_and_records_are_in_folders_of_the_run(folder: Path) -> None:
    archive = unpacked(folder, ("runs/exp/best.pt", "outputs/best.pt"))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "ppe-7/outputs/runs/exp/best.pt",
        "ppe-7/logs/stdout.log",
        "ppe-7/records/source.json",
    }
    assert archive.read("ppe-7/outputs/runs/exp/best.pt") == b"weights" * 99_999


def test_output_that_is_gone_is_named(folder: Path) -> None:
    archive = unpacked(folder, ("lost.pt", "outputs/lost.pt"))
    assert archive.read(NOT_THERE).decode() == "ppe-7/outputs/lost.pt\n"


def test_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / "outputs" / "passwd").symlink_to("/etc/passwd")
    archive = unpacked(folder, ("passwd", "outputs/passwd"))
    assert "ppe-7/outputs/passwd" not in archive.namelist()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("../../etc/cron.d/x", "etc/cron.d/x"),
        ("/etc/passwd", "etc/passwd"),
        ("a\\..\\b.txt", "a/b.txt"),
        ("..", "file"),
        ("현장/결과.csv", "현장/결과.csv"),
    ],
)
def test_nothing_is_unpacked_outside_of_its_folder(path: str, name: str) -> None:
    assert inside(path) == name


def test_memory_does_not_grow_with_the_files(folder: Path) -> None:
    with (folder / "outputs" / "large.pt").open("wb") as file:
        file.truncate(200 * BLOCK_BYTES)
    tracemalloc.start()
    try:
        sent = 0
        for piece in pieces(folder, entries("ppe-7", [("large.pt", "outputs/large.pt")])):
            sent += len(piece)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > 200 * BLOCK_BYTES
    assert most < 16 * BLOCK_BYTES

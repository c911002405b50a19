"""Thousands of small files become one archive; what people look for stays a file."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from runs_app.runner.outputs import small_files
from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.small_files import CROWDED, MANY, SMALL_BYTES, for_archive
from runs_app.runner.outputs.snapshot import FileDelta


def made(*paths: str, size_bytes: int = 10) -> list[FileDelta]:
    return [FileDelta(path=path, change="created", size_bytes=size_bytes) for path in paths]


def many(folder: str, count: int, ending: str = "txt") -> list[FileDelta]:
    return made(*(f"{folder}/{number}.{ending}" for number in range(count)))


@pytest.mark.parametrize(
    ("deltas", "archived"),
    [
        (many("labels", MANY), 0),
        (many("labels", MANY + 1), MANY + 1),
        (many("labels", 3000) + made("exp/log.txt", "exp/F1_curve.png"), 3000),
        (many("exp", 3000) + made("exp/results.csv", "exp/args.yaml", "exp/best.pt"), 3000),
        ([one for n in range(300) for one in many(f"sample{n}", 2)], 600),
        (many("a", 150) + many("b", CROWDED) + many("c", CROWDED), 0),
        (many("a", 190) + many("b", CROWDED), 190),
        ([], 0),
    ],
)
def test_which_files_go_into_the_archive(deltas: list[FileDelta], archived: int) -> None:
    assert len(for_archive(deltas)) == archived


def test_large_files_are_never_archived() -> None:
    large = made(*(f"frames/{n}.png" for n in range(500)), size_bytes=SMALL_BYTES + 1)
    assert for_archive(large) == frozenset()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "experiment"
    (path / "라벨").mkdir(parents=True)
    for number in range(MANY + 5):
        (path / "라벨" / f"{number}.txt").write_text(f"{number} 0.5")
    (path / "results.csv").write_text("epoch,loss\n1,2\n")
    return path


def deltas_of(directory: Path) -> list[FileDelta]:
    return [
        FileDelta(
            path=str(path.relative_to(directory)), change="created", size_bytes=path.stat().st_size
        )
        for path in directory.rglob("*")
        if path.is_file()
    ]


def kept(directory: Path, limit_bytes: int = 2**20) -> dict[str, KeptFile]:
    outputs = directory.parent / "outputs"
    found = keep(
        directory, deltas_of(directory), outputs, rule=Rule(patterns=["*"]), limit_bytes=limit_bytes
    )
    return {one.path: one for one in found}


def test_archive_holds_every_small_file_with_its_hash(directory: Path) -> None:
    found = kept(directory)
    one = found["라벨/7.txt"]
    assert (one.kept, one.archived, one.size_bytes) == (small_files.NAME, True, 5)
    assert one.sha256 == hashlib.sha256(b"7 0.5").hexdigest()
    assert found["results.csv"].kept == "outputs/results.csv"
    with tarfile.open(directory.parent / small_files.NAME) as tar:
        assert len(tar.getnames()) == MANY + 5
        member = tar.extractfile("라벨/7.txt")
        assert member is not None
        assert member.read() == b"7 0.5"


def test_second_call_keeps_the_archive_that_is_there(directory: Path) -> None:
    first = kept(directory)
    (directory / "라벨" / "7.txt").write_text("later")
    assert kept(directory) == first


def test_half_an_archive_is_made_anew(directory: Path) -> None:
    (directory.parent / f"{small_files.NAME}.part").write_bytes(b"half")
    assert kept(directory)["라벨/7.txt"].archived
    assert not (directory.parent / f"{small_files.NAME}.part").exists()


def test_a_file_that_vanished_costs_none_of_the_others(directory: Path) -> None:
    deltas = deltas_of(directory)
    (directory / "라벨" / "7.txt").unlink()
    outputs = directory.parent / "outputs"
    found = {
        one.path: one
        for one in keep(directory, deltas, outputs, rule=Rule(patterns=["*"]), limit_bytes=2**20)
    }
    assert str(found["라벨/7.txt"].left_out) == "No such file or directory"
    assert found["라벨/8.txt"].archived


def test_archive_keeps_to_the_limit(directory: Path) -> None:
    found = kept(directory, limit_bytes=100)
    assert sum(one.size_bytes for one in found.values() if one.kept) <= 100
    left = [one for one in found.values() if not one.kept]
    assert left
    assert all("are saved up to" in str(one.left_out) for one in left)

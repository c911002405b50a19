"""What a file held before the start is distinguished from what the script wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.runner.outputs import before
from runs_app.runner.outputs.before import OldFiles, Origin
from runs_app.runner.outputs.snapshot import take

OLD = "epoch,loss\n0,9\n1,8\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    folder = tmp_path / "experiment"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture(params=[before.MAX_COPY_BYTES, 4], ids=["copy", "digests"])
def places(
    directory: Path, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """Both folders, where small files are copied and where digests alone are kept."""
    monkeypatch.setattr(before, "MAX_COPY_BYTES", request.param)
    return directory, folder


def kept(directory: Path, folder: Path) -> OldFiles:
    before.keep(directory, take(directory), folder, is_wanted=lambda path: path.endswith(".csv"))
    return OldFiles.load(folder)


def origin_of(
    directory: Path, folder: Path, old: str | None, new: str, *, moment_ns: int | None = None
) -> tuple[Origin, int]:
    file = directory / "results.csv"
    if old is not None:
        file.write_text(old)
        os.utime(file, ns=(10**18, 10**18))
    files, was = kept(directory, folder), take(directory)
    file.write_text(new)
    if moment_ns is not None:
        os.utime(file, ns=(moment_ns, moment_ns))
    with file.open("rb") as opened:
        return files.origin(
            "results.csv",
            opened,
            before=was.files.get("results.csv"),
            after=take(directory).files["results.csv"],
        )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, OLD, (Origin.NEW, 0)),
        (OLD, OLD + "0,0.5\n", (Origin.APPENDED, len(OLD))),
        (OLD.strip(), OLD + "0,0.5\n", (Origin.APPENDED, len(OLD) - 1)),
        ("", OLD, (Origin.APPENDED, 0)),
        (OLD, OLD, (Origin.REWRITTEN, 0)),
        (OLD, "epoch,loss\n0,9\n", (Origin.REWRITTEN, 0)),
        (OLD, OLD.replace("9", "7") + "2,7\n", (Origin.REWRITTEN, 0)),
    ],
)
def test_the_origin_of_a_file_is_told_by_its_bytes(
    places: tuple[Path, Path], old: str | None, new: str, expected: tuple[Origin, int]
) -> None:
    assert origin_of(*places, old, new) == expected


def test_a_file_that_took_the_place_of_the_old_one_was_written_again(
    directory: Path, folder: Path
) -> None:
    table, aside = directory / "results.csv", directory / "results.csv.tmp"
    table.write_text(OLD)
    was = take(directory)
    files = kept(directory, folder)
    aside.write_text(OLD + "2,7\n")
    aside.replace(table)
    facts = {"before": was.files["results.csv"], "after": take(directory).files["results.csv"]}
    with table.open("rb") as new:
        assert files.origin("results.csv", new, **facts) == (Origin.REWRITTEN, 0)


def test_a_file_whose_times_alone_changed_was_not_written(directory: Path, folder: Path) -> None:
    found = origin_of(directory, folder, OLD, OLD, moment_ns=10**18)
    assert found == (Origin.UNTOUCHED, len(OLD))


def test_what_a_file_beyond_the_limits_held_is_not_known(
    directory: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(before, "MAX_FILES", 0)
    assert origin_of(directory, folder, OLD, OLD + "2,7\n") == (Origin.UNKNOWN, 0)


def test_the_newest_files_are_kept_within_the_limits(
    directory: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(before, "MAX_FILES", 3)
    monkeypatch.setattr(before, "MAX_COPIES_BYTES", 2 * len(OLD))
    for number in range(5):
        file = directory / f"{number}.csv"
        file.write_text(OLD)
        os.utime(file, (number, number))
    (directory / "weights.pt").write_text("weights")
    files = kept(directory, folder)
    assert [b"".join(files.pieces(f"{number}.csv")) for number in range(5)] == [
        b"", b"", b"", OLD.encode(), OLD.encode()
    ]  # fmt: skip
    with (directory / "2.csv").open("rb") as new:
        assert files.old_bytes("2.csv", new) == len(OLD)


def test_copies_of_what_did_not_change_are_removed(directory: Path, folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (directory / name).write_text(OLD)
    kept(directory, folder).forget(but=["a.csv", "new.csv"])
    files = OldFiles.load(folder)
    assert b"".join(files.pieces("a.csv")) == OLD.encode()
    assert len(list((folder / before.FOLDER).iterdir())) == 1
    with (directory / "b.csv").open("rb") as new:
        assert files.old_bytes("b.csv", new) is None


@pytest.mark.parametrize("text", ["", "[]\n", "null\n", '{"path": "a"}\n', "{\n", '{"other": 1}\n'])
def test_an_index_that_the_portal_cannot_have_written_says_nothing(folder: Path, text: str) -> None:
    (folder / before.INDEX).write_text(text)
    assert list(OldFiles.load(folder).pieces("a")) == []


def test_links_and_names_of_any_bytes(directory: Path, folder: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xb0\xe1.csv")
    (directory / name).write_text(OLD)
    (tmp_path / "secret.csv").write_text("secret")
    (directory / "link.csv").symlink_to(tmp_path / "secret.csv")
    files = kept(directory, folder)
    assert b"".join(files.pieces(name)) == OLD.encode()
    assert b"".join(files.pieces("link.csv")) == b""

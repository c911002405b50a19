"""What a run did to its directory, from two looks at it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from runs_app.runner.outputs import snapshot
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest, compare, take
from tests.waiting import wait_until


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "donghwa entec+ppe 한글"
    path.mkdir()
    return path


def write(directory: Path, path: str, data: bytes = b"1") -> Path:
    file = directory / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def changes(before: Manifest, after: Manifest) -> dict[str, str]:
    return {delta.path: delta.change for delta in compare(before, after)}


def test_new_and_changed_files_are_told_and_nothing_else(directory: Path) -> None:
    for name in ("train.py", "kept.csv", "results.csv", "gone.pt"):
        write(directory, name)
    before = take(directory)
    write(directory, "results.csv", b"1,2\n")
    write(directory, "runs/exp/best.pt", b"weights")
    (directory / "gone.pt").unlink()
    (directory / "empty folder").mkdir()
    deltas = compare(before, take(directory))
    assert [(one.path, one.change, one.size_bytes) for one in deltas] == [
        ("gone.pt", "deleted", 1),
        ("results.csv", "changed", 4),
        ("runs/exp/best.pt", "created", 7),
    ]


def test_reading_a_directory_twice_shows_no_change(directory: Path) -> None:
    write(directory, "a/b/c.txt")
    before = take(directory)
    (directory / "a/b/c.txt").read_bytes()
    assert compare(before, take(directory)) == ()


def test_change_of_the_same_size_and_time_is_seen(directory: Path) -> None:
    file = write(directory, "best.pt", b"aaaa")
    before = take(directory)
    seen = file.stat()
    wait_until(
        lambda: write(directory, "../clock").stat().st_ctime_ns > seen.st_ctime_ns,
        what="the clock of the file system moves on",
    )
    file.write_bytes(b"bbbb")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert changes(before, take(directory)) == {"best.pt": "changed"}


def test_file_that_another_took_the_place_of_is_changed(directory: Path) -> None:
    file = write(directory, "best.pt", b"aaaa")
    aside = write(directory, "aside", b"bbbb")
    seen = file.stat()
    before = take(directory)
    os.utime(aside, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    aside.replace(file)
    assert changes(before, take(directory)) == {"best.pt": "changed", "aside": "deleted"}


def test_links_lead_nowhere(directory: Path, tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.csv")
    before = take(directory)
    (directory / "folder").symlink_to(tmp_path / "outside")
    (directory / "file.csv").symlink_to(tmp_path / "outside/secret.csv")
    (directory / "loop").symlink_to(directory)
    (directory / "broken").symlink_to("nowhere")
    os.mkfifo(directory / "pipe")
    assert changes(before, take(directory)) == {}


def test_directory_behind_a_link_is_read(directory: Path, tmp_path: Path) -> None:
    write(directory, "train.py")
    (tmp_path / "link").symlink_to(directory)
    assert set(take(tmp_path / "link").files) == {"train.py"}


@pytest.mark.parametrize("folder", sorted(snapshot.SKIPPED_FOLDERS))
def test_caches_and_version_control_are_left_out_at_any_depth(directory: Path, folder: str) -> None:
    write(directory, f"{folder}/x")
    write(directory, f"sub/{folder}/deep/x")
    write(directory, "sub/own.csv")
    assert set(take(directory).files) == {"sub/own.csv"}


@pytest.mark.parametrize("name", [".venv", "env", "my environment"])
def test_environment_is_left_out_by_any_name(directory: Path, name: str) -> None:
    write(directory, f"{name}/pyvenv.cfg")
    write(directory, f"{name}/lib/python3.11/site.py")
    write(directory, "train.py")
    assert set(take(directory).files) == {"train.py"}


def fill(directory: Path, folder: str, count: int, ending: str = ".jpg") -> None:
    (directory / folder).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (directory / folder / f"{number}{ending}").touch()


def test_pictures_of_a_data_folder_are_left_out_and_other_files_are_not(directory: Path) -> None:
    fill(directory, "data/images", snapshot.DATA_FOLDER_FILES)
    write(directory, "data/images/sub/one.jpg")
    before = take(directory)
    assert before.pruned == {"data/images"}
    assert set(before.files) == {"data/images/sub/one.jpg"}
    write(directory, "data/images/new.jpg")
    write(directory, "data/images/labels.cache")
    write(directory, "data/images/sub/two.jpg")
    after = take(directory, prunable=before.pruned)
    assert changes(before, after) == {
        "data/images/labels.cache": "created",
        "data/images/sub/two.jpg": "created",
    }


def test_data_folder_that_lost_pictures_shows_no_new_ones(directory: Path) -> None:
    fill(directory, "images", snapshot.DATA_FOLDER_FILES)
    before = take(directory)
    (directory / "images/0.jpg").unlink()
    after = take(directory, prunable=before.pruned)
    assert after.pruned == frozenset()
    assert changes(before, after) == {}


def test_folder_that_a_run_filled_with_pictures_is_told(directory: Path) -> None:
    before = take(directory)
    fill(directory, "predictions", snapshot.DATA_FOLDER_FILES)
    after = take(directory, prunable=before.pruned)
    assert len(compare(before, after)) == snapshot.DATA_FOLDER_FILES


def test_folder_of_many_other_files_is_no_data_folder(directory: Path) -> None:
    fill(directory, "checkpoints", snapshot.DATA_FOLDER_FILES, ".pt")
    assert len(take(directory).files) == snapshot.DATA_FOLDER_FILES


def test_names_of_any_bytes_survive_the_manifest(directory: Path, tmp_path: Path) -> None:
    names = [b"\xb0\xe1\xb0\xfa.csv", b"line\nbreak", b"quote\"'", b" ", "결과.csv".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(directory) + b"/" + name)).write_bytes(b"1")
    before = take(directory)
    before.save(tmp_path / "before.jsonl")
    assert Manifest.load(tmp_path / "before.jsonl") == before
    assert {os.fsencode(path) for path in before.files} == set(names)


def test_manifest_is_the_same_after_saving(directory: Path, tmp_path: Path) -> None:
    file = Fingerprint(size_bytes=2**40, mtime_ns=-1, ctime_ns=2**62, inode=2**63)
    manifest = Manifest(files={"a": file}, pruned=frozenset({"b", "c"}))
    manifest.save(tmp_path / "kept")
    assert Manifest.load(tmp_path / "kept") == manifest
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["kept"]


@pytest.mark.parametrize("text", ["[]\n", "{}\n", "not json\n", '{"pruned": []}\n["a", 1]\n'])
def test_broken_manifest_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").write_text(text, encoding="ascii")
    with pytest.raises((ValueError, TypeError, LookupError)):
        Manifest.load(tmp_path / "kept")


def test_what_cannot_be_read_is_left_out(directory: Path) -> None:
    write(directory, "open.csv")
    write(directory, "closed/secret.csv")
    (directory / "closed").chmod(0)
    try:
        found = set(take(directory).files)
    finally:
        (directory / "closed").chmod(0o700)
    assert "open.csv" in found
    if os.geteuid() != 0:
        assert found == {"open.csv"}
    assert take(directory / "gone").files == {}


def test_files_may_come_and_go_meanwhile(directory: Path) -> None:
    write(directory, "train.py")
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            file = write(directory, "checkpoints/last.pt")
            file.unlink()
            file.parent.rmdir()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        assert all("train.py" in take(directory).files for _look in range(300))
    finally:
        stop.set()
        thread.join()


@pytest.mark.proof
def test_twenty_thousand_files_are_compared(directory: Path, tmp_path: Path) -> None:
    for folder in range(20):
        fill(directory, f"runs/{folder}", 1000, ".json")
    before = take(directory)
    before.save(tmp_path / "before")
    write(directory, "runs/7/7.json", b"{}")
    assert len(before.files) == 20_000
    after = take(directory)
    assert changes(Manifest.load(tmp_path / "before"), after) == {"runs/7/7.json": "changed"}

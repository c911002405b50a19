"""Copies of what a run made: later runs cannot change them, and no file can spoil the others."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from runs_app.runner.outputs.choice import Rule
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.small_files import MANY
from runs_app.runner.outputs.snapshot import FileDelta, Manifest, compare, take
from runs_app.texts.files import CHANGED_SINCE

MIB = 2**20
SMALL = MANY + 50


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "experiment"
    path.mkdir()
    return path


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "outputs"


def made(directory: Path, path: str, data: bytes = b"1") -> FileDelta:
    """A file that a run created."""
    file = directory / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return FileDelta(path=path, change="created", size_bytes=len(data))


def kept(
    directory: Path,
    outputs: Path,
    *deltas: FileDelta,
    patterns: tuple[str, ...] = ("*",),
    limit_bytes: int = MIB,
) -> dict[str, KeptFile]:
    found = keep(directory, deltas, outputs, rule=Rule(patterns=patterns), limit_bytes=limit_bytes)
    return {one.path: one for one in found}


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_copy_keeps_bytes_size_and_place(directory: Path, outputs: Path) -> None:
    data = os.urandom(3 * MIB + 1)
    delta = made(directory, "runs/exp/best.pt", data)
    found = kept(directory, outputs, delta, limit_bytes=4 * MIB)
    assert found["runs/exp/best.pt"] == KeptFile(
        path="runs/exp/best.pt",
        change="created",
        size_bytes=len(data),
        kept="outputs/runs/exp/best.pt",
    )
    copy = outputs / "runs/exp/best.pt"
    assert copy.read_bytes() == data
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_later_run_cannot_change_a_copy(directory: Path, outputs: Path) -> None:
    kept(directory, outputs, made(directory, "results.csv", b"first"))
    with (directory / "results.csv").open("r+b") as file:
        file.write(b"later")
    (directory / "results.csv").chmod(0o666)
    assert (outputs / "results.csv").read_bytes() == b"first"
    assert (outputs / "results.csv").stat().st_nlink == 1


def test_second_call_keeps_the_first_copies_and_says_the_same(
    directory: Path, outputs: Path
) -> None:
    deltas = [made(directory, "a.csv", b"first"), made(directory, "big.csv", b"x" * 100)]
    first = kept(directory, outputs, *deltas, limit_bytes=50)
    (directory / "a.csv").write_bytes(b"later and longer")
    (directory / "big.csv").unlink()
    assert kept(directory, outputs, deltas[0], limit_bytes=50)["a.csv"] == first["a.csv"]
    (directory / "big.csv").write_bytes(b"x" * 100)
    assert kept(directory, outputs, *deltas, limit_bytes=50) == first


def test_call_after_a_crash_in_the_middle_of_a_copy_makes_it_whole(
    directory: Path, outputs: Path
) -> None:
    delta = made(directory, "a.csv", b"whole")
    outputs.with_name("outputs.part").write_bytes(b"wh")
    kept(directory, outputs, delta)
    assert files_in(outputs.parent) == {"outputs/a.csv"}
    assert (outputs / "a.csv").read_bytes() == b"whole"


def test_smallest_files_come_first_and_the_rest_is_noted(directory: Path, outputs: Path) -> None:
    deltas = [
        made(directory, "huge.pt", b"x" * 3 * MIB),
        made(directory, "small.csv", b"x" * 1000),
        made(directory, "middle.pt", b"x" * MIB),
    ]
    found = kept(directory, outputs, *deltas, limit_bytes=2 * MIB)
    assert str(found["huge.pt"].left_out) == "the files of one run are saved up to 2 MiB"
    assert found["huge.pt"].size_bytes == 3 * MIB
    assert files_in(outputs) == {"small.csv", "middle.pt"}


def test_file_that_grew_since_it_was_seen_counts_with_its_new_size(
    directory: Path, outputs: Path
) -> None:
    delta = made(directory, "all.log", b"1")
    (directory / "all.log").write_bytes(b"x" * 2000)
    found = kept(directory, outputs, delta, limit_bytes=1000)
    assert found["all.log"].left_out
    assert not outputs.exists() or not files_in(outputs)


@pytest.mark.parametrize(
    ("path", "is_kept"),
    [
        ("best.pt", True),
        ("runs/BEST.PT", True),
        ("runs/exp/args.yaml", True),
        ("args.yaml", False),
        ("picture.png", False),
        ("pt", False),
    ],
)
def test_only_files_of_the_wanted_kinds_are_kept(
    directory: Path, outputs: Path, path: str, is_kept: bool
) -> None:
    found = kept(directory, outputs, made(directory, path), patterns=("*.pt", "runs/*.yaml"))
    assert bool(found[path].kept) is is_kept
    assert bool(found[path].left_out) is not is_kept


@pytest.mark.parametrize(
    "name",
    [
        "line\nbreak.csv",
        "-rf",
        "$(id).csv",
        "한" * 85,
        "x" * 255,
        "a b'\".csv",
        "...",
    ],
)
def test_hostile_names_are_kept_like_any_other(directory: Path, outputs: Path, name: str) -> None:
    found = kept(directory, outputs, made(directory, f"runs/{name}", b"data"))
    assert found[f"runs/{name}"].left_out is None
    assert (outputs / "runs" / name).read_bytes() == b"data"


def test_copy_of_a_name_that_is_no_text_has_one_that_is(directory: Path, outputs: Path) -> None:
    names = [os.fsdecode(b"\xb0\xe1.csv"), os.fsdecode(b"\xb0\xe2.csv")]
    found = kept(directory, outputs, *(made(directory, name)
                                       for name in names))  # fmt: skip
    assert [found[name].kept for name in names] == [
        r"outputs/\xb0\xe1.csv",
        r"outputs/\xb0\xe2.csv",
    ]
    assert files_in(outputs) == {r"\xb0\xe1.csv", r"\xb0\xe2.csv"}


def test_names_that_look_like_half_a_copy_are_kept_as_well(directory: Path, outputs: Path) -> None:
    deltas = [made(directory, "a.pt", b"longer"), made(directory, "a.pt.part", b"1")]
    kept(directory, outputs, *deltas)
    assert (outputs / "a.pt").read_bytes() == b"longer"
    assert (outputs / "a.pt.part").read_bytes() == b"1"


def test_path_that_is_too_long_for_the_run_folder_is_left_out(
    directory: Path, tmp_path: Path
) -> None:
    outputs = Path(str(tmp_path), *(["r" * 200] * 10), "outputs")
    outputs.parent.mkdir(parents=True)
    path = "/".join(["d" * 200] * 12)
    deltas = [FileDelta(path=path, change="created", size_bytes=1), made(directory, "a.csv")]
    here = os.open(directory, os.O_RDONLY)
    try:
        for part in path.split("/")[:-1]:  # a whole path would be too long for one call
            os.mkdir(part, dir_fd=here)
            inner = os.open(part, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(os.open("d" * 200, os.O_CREAT | os.O_WRONLY, dir_fd=here))
    finally:
        os.close(here)
    found = kept(directory, outputs, *deltas)
    assert str(found[path].left_out) == "its path is too long for the run folder"
    assert found["a.csv"].kept


def test_links_and_pipes_that_took_the_place_of_a_file_are_not_read(
    directory: Path, outputs: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"secret")
    deltas = [made(directory, name) for name in ("link", "pipe", "folder/key", "dir", "gone")]
    for name in ("link", "pipe", "dir", "gone"):
        (directory / name).unlink()
    (directory / "link").symlink_to(tmp_path / "secret" / "key")
    os.mkfifo(directory / "pipe")
    (directory / "folder" / "key").unlink()
    (directory / "folder").rmdir()
    (directory / "folder").symlink_to(tmp_path / "secret")
    (directory / "dir").mkdir()
    found = kept(directory, outputs, *deltas, made(directory, "a.csv"))
    assert {path for path, one in found.items() if one.kept} == {"a.csv"}
    assert str(found["gone"].left_out) == "No such file or directory"
    assert str(found["pipe"].left_out) == "not a regular file"
    assert files_in(outputs) == {"a.csv"}


def test_file_that_cannot_be_read_costs_none_of_the_others(outputs: Path) -> None:
    # A regular file of the kernel's that opens, and fails when it is read.
    deltas = [FileDelta(path=path, change="created", size_bytes=0) for path in ("mem", "maps")]
    found = kept(Path("/proc/self"), outputs, *deltas)
    assert str(found["mem"].left_out) == "Input/output error"
    assert not files_in(outputs.parent)


def test_file_that_is_written_on_is_left_out_or_kept_as_it_once_was(
    directory: Path, outputs: Path
) -> None:
    delta = made(directory, "all.log", b"")
    stop = threading.Event()

    def write_on() -> None:
        with (directory / "all.log").open("ab", buffering=0) as log:
            while not stop.is_set():
                log.write(b"x" * 4096)
                if log.tell() > 64 * MIB:
                    log.truncate(0)

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        found = kept(directory, outputs, delta, limit_bytes=128 * MIB)["all.log"]
    finally:
        stop.set()
        thread.join()
    if found.kept:
        assert found.size_bytes == (outputs / "all.log").stat().st_size
    else:
        assert str(found.left_out) == "it was still being written"
        assert not (outputs / "all.log").exists()


def test_full_or_closed_disk_is_an_error_and_leaves_no_half_copy(
    directory: Path, outputs: Path
) -> None:
    delta = made(directory, "runs/a.csv")
    outputs.mkdir()
    (outputs / "runs").write_bytes(b"a file where a folder belongs")
    with pytest.raises(OSError, match="runs"):
        kept(directory, outputs, delta)
    assert files_in(outputs.parent) == {"outputs/runs"}


def test_small_file_replaced_after_the_end_is_not_archived(directory: Path, outputs: Path) -> None:
    """The second attempt has the archive of the first, and says the same."""
    for number in range(SMALL):
        made(directory, f"labels/{number}.txt", b"0")
    deltas = compare(Manifest(files={}), take(directory))
    other = directory / "other"
    other.write_bytes(b"1")
    os.utime(other, ns=(1, 1))
    os.replace(other, directory / "labels/7.txt")
    rule = Rule(patterns=("*",))
    for _attempt in range(2):
        found = keep(directory, deltas, outputs, rule=rule, limit_bytes=MIB, until_ns=2**62)
        not_kept = {file.path: file.left_out for file in found if not file.kept}
        assert not_kept == {"labels/7.txt": CHANGED_SINCE()}
        assert sum(file.archived for file in found) == SMALL - 1

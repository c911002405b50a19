"""One file becomes one copy, whole and of one moment."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from runs_app.runner.outputs import copying
from runs_app.runner.outputs.copying import NotKeptError, copy, opened, read_still
from runs_app.runner.outputs.snapshot import take


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "experiment").mkdir()
    return tmp_path / "experiment"


def copied(directory: Path, name: str = "best.pt") -> bytes:
    target = directory.parent / "outputs" / name
    with opened(directory, name) as source:
        size_bytes = copy(source, target, aside=directory.parent / "aside")
    assert target.stat().st_nlink == 1
    data = target.read_bytes()
    assert len(data) == size_bytes
    return data


def refuse(*_arguments: Any) -> int:
    raise OSError(errno.EXDEV, "not here")


def no_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "ioctl", refuse)


@pytest.mark.parametrize("size_bytes", [0, 1, 2**20, 2**20 + 1])
@pytest.mark.parametrize("by_hand", [False, True])
def test_copy_holds_the_bytes_whatever_the_file_system_can(
    directory: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int, by_hand: bool
) -> None:
    no_clone(monkeypatch)
    if by_hand:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    data = os.urandom(size_bytes)
    (directory / "best.pt").write_bytes(data)
    assert copied(directory) == data


def test_a_copy_that_the_kernel_breaks_off_is_ended_by_hand(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = os.copy_file_range

    def first_part(source: int, out: int, count: int, *offsets: int) -> int:
        return kernel(source, out, 1000, *offsets) if offsets[0] == 0 else refuse()

    no_clone(monkeypatch)
    monkeypatch.setattr(os, "copy_file_range", first_part)
    data = os.urandom(5000)
    (directory / "best.pt").write_bytes(data)
    assert copied(directory) == data


def writing_after(times: int, file: Path) -> Callable[..., int]:
    """The file grows during each of the first copies."""
    tried: list[int] = []

    def copy_and_write(*arguments: Any) -> int:
        tried.append(1)
        if len(tried) <= times:
            with file.open("ab") as more:
                more.write(b"more")
        return refuse()

    return copy_and_write


def test_a_file_that_grew_during_its_copy_is_copied_again(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = directory / "best.pt"
    file.write_bytes(b"first ")
    monkeypatch.setattr(fcntl, "ioctl", writing_after(copying.TRIES - 1, file))
    assert copied(directory) == b"first moremore"


def test_a_file_that_never_keeps_still_is_no_copy(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = directory / "best.pt"
    file.write_bytes(b"first")
    monkeypatch.setattr(fcntl, "ioctl", writing_after(copying.TRIES, file))
    with pytest.raises(NotKeptError, match="still being written"):
        copied(directory)
    assert sorted(path.name for path in directory.parent.rglob("*") if path.is_file()) == [
        "best.pt"
    ]


def test_no_room_for_the_copy_is_not_a_fault_of_the_file(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    no_clone(monkeypatch)
    monkeypatch.setattr(os, "copy_file_range", full)
    (directory / "best.pt").write_bytes(b"1")
    with pytest.raises(OSError, match="No space left"):
        copied(directory)


def test_a_small_file_is_read_as_it_was_at_one_moment(directory: Path) -> None:
    (directory / "a.txt").write_bytes(b"1" * 5000)
    with opened(directory, "a.txt") as source:
        data, seen = read_still(source)
    assert (len(data), seen.st_size) == (5000, 5000)


END_NS = 2**62


def replace_keeping_times(file: Path) -> None:
    """As `mv`, `cp -p` and `tar x` do."""
    other = file.with_name("other.pt")
    other.write_bytes(b"WEIGHTS")
    os.utime(other, ns=(1, 1))
    os.replace(other, file)


def overwrite_keeping_times(file: Path) -> None:
    """As `cp -p` does over a file that is there."""
    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(1, 1))


def link_and_lock(file: Path) -> None:
    os.link(file, file.with_name("also.pt"))
    file.chmod(0o444)


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        (replace_keeping_times, False),
        (overwrite_keeping_times, False),
        (link_and_lock, True),
    ],
)
def test_late_copy_is_of_the_file_that_was_seen_at_the_end(
    tmp_path: Path, change: Callable[[Path], None], is_kept: bool
) -> None:
    file = tmp_path / "best.pt"
    file.write_bytes(b"weights")
    seen = take(tmp_path).files["best.pt"]
    change(file)
    refused = pytest.raises(NotKeptError, match="after the run had ended")
    late = opened(tmp_path, "best.pt", until_ns=END_NS, seen=seen)
    with nullcontext() if is_kept else refused, late:
        pass

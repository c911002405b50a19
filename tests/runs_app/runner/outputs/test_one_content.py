"""One content under several names, never of a file that a script may write."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.one_content import LEAST_BYTES, own_copies, place, share

WEIGHTS = os.urandom(LEAST_BYTES)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with a copy of the weights, and with what the script logged to MLflow."""
    folder = RunFolder(tmp_path / "run")
    write(folder.outputs / "best.pt", WEIGHTS)
    write(folder.child_store / "0/r/artifacts/best.pt", WEIGHTS)
    write(folder.child_store / "0/r/artifacts/other.pt", os.urandom(LEAST_BYTES))
    return folder


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def hashes(folder: RunFolder) -> list[tuple[str, str]]:
    return [("outputs/best.pt", hashlib.sha256(WEIGHTS).hexdigest())]


def test_equal_files_of_the_script_become_names_of_the_copy(folder: RunFolder) -> None:
    logged = folder.child_store / "0/r/artifacts"
    others = (logged / "other.pt").read_bytes()
    with (logged / "best.pt").open("r+b") as held:
        assert share(folder, hashes(folder)) == LEAST_BYTES
        held.write(b"a process that still has the script's own file open")
    assert os.path.samefile(logged / "best.pt", folder.outputs / "best.pt")
    assert (folder.outputs / "best.pt").read_bytes() == WEIGHTS
    assert (logged / "other.pt").read_bytes() == others
    assert share(folder, hashes(folder)) == 0


def test_copy_with_two_names_can_only_be_read(folder: RunFolder) -> None:
    share(folder, hashes(folder))
    assert stat.S_IMODE((folder.outputs / "best.pt").stat().st_mode) == 0o400


def test_links_and_pipes_in_the_store_are_left_alone(folder: RunFolder, tmp_path: Path) -> None:
    write(tmp_path / "secret.pt", WEIGHTS)
    logged = folder.child_store / "0/r/artifacts"
    (logged / "link.pt").symlink_to(tmp_path / "secret.pt")
    (logged / "folder").symlink_to(tmp_path)
    os.mkfifo(logged / "pipe.pt")
    assert share(folder, hashes(folder)) == LEAST_BYTES
    assert (tmp_path / "secret.pt").stat().st_nlink == 1
    assert (logged / "link.pt").is_symlink()


def test_copy_is_linked_to_its_place(folder: RunFolder, tmp_path: Path) -> None:
    target = tmp_path / "artifacts" / "outputs" / "best.pt"
    write(target, b"half of an earlier upload")
    own = own_copies(folder)
    assert place(folder.outputs / "best.pt", target, aside=tmp_path / "aside", own=own)
    assert os.path.samefile(target, folder.outputs / "best.pt")
    assert not (tmp_path / "aside").exists()


def test_file_that_a_script_may_write_is_never_linked(folder: RunFolder, tmp_path: Path) -> None:
    source = folder.child_store / "0/r/artifacts/best.pt"
    target = tmp_path / "best.pt"
    # Whether blocks can be shared depends on the file system.
    placed = place(source, target, aside=tmp_path / "aside", own=own_copies(folder))
    assert target.exists() is placed
    assert source.stat().st_nlink == 1
    assert not (tmp_path / "aside").exists()

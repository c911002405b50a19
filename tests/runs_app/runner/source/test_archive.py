"""The source of what ran can be read again, whatever became of the directory."""

from __future__ import annotations

import hashlib
import os
import tarfile
from pathlib import Path

import pytest

from runs_app.runner.outputs.snapshot import take
from runs_app.runner.source import archive
from runs_app.runner.source.archive import ARCHIVE, SourceFiles, archive_source, hash_of


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "실험"
    (path / "src").mkdir(parents=True)
    (path / "train.py").write_text("print('학습')")
    (path / "src" / "data.yaml").write_text("names: [helmet]")
    (path / "best.pt").write_bytes(b"weights")
    return path


def archived(directory: Path) -> tuple[SourceFiles, dict[str, bytes]]:
    target = directory.parent / ARCHIVE
    found = archive_source(directory, take(directory), target)
    with tarfile.open(target) as tar:
        members = {
            item.name: file.read() for item in tar if (file := tar.extractfile(item)) is not None
        }
    return found, members


def test_text_sources_are_archived_with_their_hashes(directory: Path) -> None:
    found, members = archived(directory)
    assert members == {"train.py": "print('학습')".encode(), "src/data.yaml": b"names: [helmet]"}
    assert found.sha256["train.py"] == hashlib.sha256(members["train.py"]).hexdigest()
    assert found.skipped == {}
    assert (directory.parent / ARCHIVE).stat().st_mode & 0o777 == 0o600


def test_a_large_source_is_hashed_and_reported_to_be_skipped(directory: Path) -> None:
    data = b"#" * (archive.LARGEST_BYTES + 1)
    (directory / "generated.py").write_bytes(data)
    found, members = archived(directory)
    assert "generated.py" not in members
    assert found.sha256["generated.py"] == hashlib.sha256(data).hexdigest()
    assert found.skipped == {"generated.py": "too large for the archive"}


def test_all_together_have_a_limit(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 16)
    found, members = archived(directory)
    assert list(members) == ["train.py"]
    assert list(found.skipped) == ["src/data.yaml"]


def test_too_many_are_counted(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 1)
    found, members = archived(directory)
    assert list(members) == ["train.py"]
    assert found.skipped == {"src/data.yaml": "more than 1 files"}


def test_a_source_that_changed_since_the_start_says_so(directory: Path) -> None:
    before = take(directory)
    (directory / "train.py").write_text("print('another')")
    found = archive_source(directory, before, directory.parent / ARCHIVE)
    assert "changed while the script started" in found.skipped["train.py"]


def test_what_took_the_place_of_a_source_is_not_followed(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret")
    before = take(directory)
    (directory / "train.py").unlink()
    (directory / "train.py").symlink_to(tmp_path / "secret.py")
    found = archive_source(directory, before, directory.parent / ARCHIVE)
    assert "train.py" in found.skipped
    assert "train.py" not in found.sha256


def test_no_half_archive_stays_behind(directory: Path) -> None:
    (directory.parent / "full").mkdir()
    with pytest.raises(OSError, match="full"):
        archive_source(directory, take(directory), directory.parent / "full")
    assert not any(path.name.endswith(".part") for path in directory.parent.iterdir())


def test_hash_of_what_cannot_be_read_is_empty(directory: Path) -> None:
    assert hash_of(directory, "gone.py") == ""
    assert hash_of(directory, "train.py") == hashlib.sha256("print('학습')".encode()).hexdigest()
    os.mkfifo(directory / "pipe.py")
    assert hash_of(directory, "pipe.py") == ""

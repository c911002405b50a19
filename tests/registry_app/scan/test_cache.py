"""What did not change since the last scan is not read again; what did, always is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_app.scan import cache as scan_cache
from registry_app.scan import same
from registry_app.scan.cache import ScanCache
from registry_app.scan.draft import draft
from registry_app.scan.files import Files
from registry_app.scan.protocol import Known, Request
from registry_app.scan.scanned import encode
from registry_app.scan.walk import walk
from tests.factories import make_directory

TRAIN = "model.fit()\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    files = {"train.py": TRAIN, "src/util.py": "x = 1\n", "data/a.yaml": "names: [a]\n"}
    return make_directory(tmp_path / "root", "sampyo-gimhae-bct", files)


@pytest.fixture
def cache(tmp_path: Path) -> ScanCache:
    return ScanCache(tmp_path / "home" / "scan-cache")


def request_for(directory: Path) -> Request:
    return Request(name=directory.name, directory=str(directory), path=str(directory))


def read(directory: Path, *, at_ns: int | None = None) -> tuple[Known, bytes]:
    """Draft a directory as if that had been at a certain time; without one, an hour from now."""
    files = Files(walk(directory))
    data = encode(draft(files, name=directory.name, path=str(directory)))
    known = Known(
        files=files.listing.files,
        digests=files.digests,
        warnings=files.listing.warnings,
        read_at_ns=at_ns or time.time_ns() + 3600 * 10**9,
    )
    return known, data


def is_same(known: Known, directory: Path) -> bool:
    return same.is_same(known, Files(walk(directory)))


def test_a_draft_is_found_again_as_it_was_kept(directory: Path, cache: ScanCache) -> None:
    known, data = read(directory)
    cache.keep(request_for(directory), known, data)
    found = cache.find(request_for(directory))
    assert found is not None
    assert (found.known, found.draft) == (known, data)
    assert found.experiment.document.name == "sampyo-gimhae-bct"
    assert is_same(found.known, directory)


def test_a_directory_under_another_name_or_path_has_a_draft_of_its_own(
    directory: Path, cache: ScanCache
) -> None:
    cache.keep(request_for(directory), *read(directory))
    assert cache.find(Request(name="x", directory=str(directory), path=str(directory))) is None
    named = Request(name=directory.name, directory=str(directory), path="~/elsewhere")
    assert cache.find(named) is None


def test_a_draft_of_other_rules_does_not_count(
    directory: Path, cache: ScanCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(request_for(directory), *read(directory))
    monkeypatch.setattr(scan_cache, "rules_version", lambda: b"a newer portal")
    assert cache.find(request_for(directory)) is None


@pytest.mark.parametrize("cut", [0, 1, 50, -1, -30])
def test_a_file_that_was_cut_short_is_as_none(directory: Path, cache: ScanCache, cut: int) -> None:
    cache.keep(request_for(directory), *read(directory))
    (path,) = stored(cache)
    path.write_bytes(path.read_bytes()[:cut])
    assert cache.find(request_for(directory)) is None


@pytest.mark.parametrize("line", [0, 1, 2, 3, 4])
def test_a_file_that_a_user_changed_is_as_none(
    directory: Path, cache: ScanCache, line: int
) -> None:
    cache.keep(request_for(directory), *read(directory))
    (path,) = stored(cache)
    lines = path.read_bytes().split(b"\n")
    lines[line] = lines[line].replace(b"a", b"b")
    path.write_bytes(b"\n".join(lines))
    assert cache.find(request_for(directory)) is None


def test_even_a_well_sealed_draft_must_make_sense(directory: Path, cache: ScanCache) -> None:
    known, _data = read(directory)
    for data in (b"", b"[]", b'{"directory": 3}', b"\xff"):
        cache.keep(request_for(directory), known, data)
        assert cache.find(request_for(directory)) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(
    directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    cache = ScanCache(tmp_path / "file" / "cache")
    for _ in range(2):
        cache.keep(request_for(directory), *read(directory))
    assert cache.find(request_for(directory)) is None
    cache.tidy()
    assert len(caplog.records) == 1


def test_only_its_owner_can_read_it(directory: Path, cache: ScanCache) -> None:
    cache.keep(request_for(directory), *read(directory))
    (path,) = stored(cache)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_was_not_used_for_the_longest_time_goes_first(tmp_path: Path) -> None:
    cache = ScanCache(tmp_path / "cache", limit_bytes=8000)
    directories = [
        make_directory(tmp_path, f"e{number}", {"train.py": TRAIN}) for number in range(9)
    ]
    now = time.time()
    for age, directory in enumerate(reversed(directories)):
        cache.keep(request_for(directory), *read(directory))
        newest = max(stored(cache), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (now - age * 100, now - age * 100))
    (cache_folder := tmp_path / "cache" / ".left-behind").write_text("half a draft")
    os.utime(cache_folder, (0, 0))
    cache.tidy()
    assert sum(path.stat().st_size for path in stored(cache)) <= 8000
    assert cache.find(request_for(directories[-1])) is not None
    assert cache.find(request_for(directories[0])) is None
    assert not cache_folder.exists()


def stored(cache: ScanCache) -> list[Path]:
    return sorted(cache.folder.glob("*.draft"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a script is edited": lambda d: (d / "train.py").write_text("model.fit(1)\n"),
    "a library is edited": lambda d: (d / "src/util.py").write_text("x = 2\n"),
    "classes are edited": lambda d: (d / "data/a.yaml").write_text("names: [b]\n"),
    "a script is new": lambda d: (d / "infer.py").write_text(""),
    "a script is gone": lambda d: (d / "train.py").unlink(),
    "a script is renamed": lambda d: (d / "train.py").rename(d / "train2.py"),
    "a script is replaced by another of its age": lambda d: replaced(d / "train.py"),
    "a link out is new": lambda d: (d / "out.py").symlink_to("/etc/passwd"),
}


def replaced(path: Path) -> None:
    """Put another file of the same size and time in a script's place."""
    stat = path.stat()
    other = path.with_name("other")
    other.write_text(TRAIN.replace("fit", "fat"))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.rename(path)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(directory: Path, change: str) -> None:
    known, _data = read(directory)
    assert is_same(known, directory)
    CHANGES[change](directory)
    assert not is_same(known, directory)


def test_a_file_that_was_only_touched_or_copied_is_the_same(directory: Path) -> None:
    known, _data = read(directory)
    (directory / "train.py").write_text(TRAIN)
    os.utime(directory / "src/util.py", (0, 0))
    assert is_same(known, directory)


def test_new_pictures_change_nothing(directory: Path) -> None:
    known, _data = read(directory)
    (directory / "data" / "1.jpg").write_bytes(b"x")
    assert is_same(known, directory)


def test_of_files_that_were_new_when_they_were_read_only_the_content_counts(
    directory: Path,
) -> None:
    """An edit within the same tick of the clock leaves size and times as they were."""
    known, _data = read(directory, at_ns=time.time_ns())
    files = Files(walk(directory))
    assert same.unsettled(known) == {"train.py", "src/util.py", "data/a.yaml"}
    assert same.is_same(known, files)
    assert set(files.digests) == {"train.py", "src/util.py", "data/a.yaml"}  # they were read
    settled, _data = read(directory)
    files = Files(walk(directory))
    assert same.is_same(settled, files)
    assert files.digests == {}  # nothing was
    forged = Known(
        files=known.files,
        digests=known.digests | {"train.py": "0" * 64},
        warnings=known.warnings,
        read_at_ns=known.read_at_ns,
    )
    assert not is_same(forged, directory)

"""What nothing touched is taken from the cache by `stat` alone; any doubt is left to a reader."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from registry_app.files import mounts
from registry_app.scan import pool, same, untouched
from registry_app.scan.files import Files
from registry_app.scan.protocol import Known
from registry_app.scan.run import scan
from registry_app.scan.untouched import devices_that_keep_times, is_untouched, stamps_of
from registry_app.scan.walk import walk
from tests.factories import make_directory

TRAIN = "model.fit()\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    files = {
        "train.py": TRAIN,
        "src/util.py": "x = 1\n",
        "data/1.jpg": "",
        "weights/best.pt": POINTER,
    }
    return make_directory(tmp_path / "root", "sampyo-gimhae-bct", files)


def known(directory: Path) -> Known:
    """Return what a reader knows of a directory that it has read an hour from now."""
    files = Files(walk(directory))
    return Known(
        files=files.listing.files,
        digests=files.digests,
        warnings=files.listing.warnings,
        read_at_ns=time.time_ns() + 3600 * 10**9,
        others=files.listing.others,
    )


def is_as_it_was(directory: Path, before: Known) -> bool:
    stamps = stamps_of(before)
    assert stamps is not None
    here = frozenset({directory.stat().st_dev})
    return is_untouched(str(directory), stamps, devices=here)


def overwritten(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a script is edited": lambda at: overwritten(at / "train.py"),
    "a script is added": lambda at: (at / "src" / "infer.py").write_text(TRAIN),
    "a script is deleted": lambda at: (at / "src" / "util.py").unlink(),
    "a script is replaced by a copy": lambda at: os.replace(
        shutil.copy2(at / "train.py", at / "other"), at / "train.py"
    ),
    "an image is added": lambda at: (at / "data" / "2.jpg").write_text(""),
    "an image is renamed": lambda at: (at / "data" / "1.jpg").rename(at / "data" / "3.jpg"),
    "a folder is added": lambda at: (at / "src" / "new").mkdir(),
    "a folder is moved away": lambda at: (at / "src").rename(at.parent / "src"),
    "a pointer is filled": lambda at: (at / "weights" / "best.pt").write_bytes(bytes(2000)),
    "it is gone": shutil.rmtree,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_touched_is_left_to_a_reader(directory: Path, change: str) -> None:
    before = known(directory)
    assert is_as_it_was(directory, before)
    here = frozenset({directory.stat().st_dev})
    CHANGES[change](directory)
    stamps = stamps_of(before)
    assert stamps is not None
    assert not is_untouched(str(directory), stamps, devices=here)


def test_an_image_that_is_edited_touches_nothing_that_a_draft_depends_on(directory: Path) -> None:
    before = known(directory)
    (directory / "data" / "1.jpg").write_text("other")
    assert is_as_it_was(directory, before)


def test_folders_on_a_file_system_of_unknown_habits_prove_nothing(directory: Path) -> None:
    stamps = stamps_of(known(directory))
    assert stamps is not None
    assert not is_untouched(str(directory), stamps, devices=frozenset())


def test_what_changed_just_before_it_was_read_proves_nothing(directory: Path) -> None:
    assert stamps_of(replace(known(directory), read_at_ns=time.time_ns())) is None


@pytest.mark.parametrize("link", ["train2.py", "config.yaml"])
def test_a_listing_that_depends_on_a_place_elsewhere_proves_nothing(
    directory: Path, link: str
) -> None:
    (directory / link).symlink_to("src")  # a folder now, perhaps a file later
    assert stamps_of(known(directory)) is None


def test_mounts_are_told_apart_by_their_file_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "30 27 0:25 / /mnt/with\\040blank rw master:1 shared:2 - nfs4 nas:/x rw\n"
        "31 27 0:40 / /mnt/bucket rw - fuse.s3fs s3fs rw\n"
    )
    monkeypatch.setattr(mounts, "MOUNTS", table)
    assert devices_that_keep_times() == {os.makedev(254, 0), os.makedev(0, 25)}
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "none")
    assert devices_that_keep_times() == frozenset()


def test_a_scan_in_which_nothing_was_touched_starts_no_process(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (same, untouched):
        monkeypatch.setattr(module, "SETTLED_NS", -3600 * 10**9)  # as if it were older
    device = directory.stat().st_dev
    monkeypatch.setattr(
        "registry_app.scan.cache.devices_that_keep_times", lambda: frozenset({device})
    )
    first = scan([directory.parent])
    with monkeypatch.context() as patched:
        patched.setattr(pool, "_Reader", None)
        seen: list[tuple[int, int, str]] = []
        second = scan([directory.parent], progress=lambda *step: seen.append(step))
    assert second.document == first.document
    assert second.warnings == first.warnings
    assert seen[-1] == (1, 1, "sampyo-gimhae-bct")
    overwritten(directory / "train.py")
    assert scan([directory.parent]).document == first.document

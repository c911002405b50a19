"""What is known of the file systems that are mounted here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry_app.files import mounts

LINE = "36 35 0:52 / /data rw,relatime shared:1 - {kind} server:/data rw\n"


@pytest.mark.parametrize(
    ("kind", "is_lasting"),
    [
        ("ext4", True),
        ("nfs4", True),
        ("fuse.sshfs", False),
        ("fuseblk", False),
        ("cifs", False),
        ("smb3", False),
        ("vfat", False),
    ],
)
def test_inodes_last_where_the_file_system_stores_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, is_lasting: bool
) -> None:
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mountinfo")
    mounts.MOUNTS.write_text(LINE.format(kind=kind))
    assert mounts.has_lasting_inodes(os.makedev(0, 52)) is is_lasting
    assert mounts.has_lasting_inodes(os.makedev(0, 53)), "a directory of Btrfs, for example"

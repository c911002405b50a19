"""Files of file systems and editors are no outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.runner.outputs.leftovers import is_leftover
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest, compare, take


@pytest.mark.parametrize(
    "name",
    [
        ".nfs000000001234",
        ".nfs000000001234.csv",
        ".fuse_hidden0000ab",
        ".DS_Store",
        "._results.csv",
        "Thumbs.db",
        "desktop.ini",
        ".results.csv.swp",
        ".train.py.swo",
        "train.py~",
        ".#train.py",
        "#train.py#",
        ".~lock.results.csv#",
        "~lock.csv#",
        "~$report.xlsx",
    ],
)
def test_leftovers_are_known_by_their_names(name: str) -> None:
    assert is_leftover(name)


@pytest.mark.parametrize(
    "name",
    [
        "results.csv",
        "results.csv.tmp",
        ".hidden.csv",
        "nfs.csv",
        ".nfs",
        "model.swin",
        "swap.pt",
        "a#b.csv",
        "#1.csv",
        "thumbs.png",
        "결과.csv",
    ],
)
def test_outputs_are_none(name: str) -> None:
    assert not is_leftover(name)


def test_leftovers_are_in_no_manifest(tmp_path: Path) -> None:
    for name in ("results.csv", ".DS_Store", ".nfs000000001234.csv"):
        (tmp_path / name).touch()
    assert set(take(tmp_path).files) == {"results.csv"}


def test_a_leftover_of_a_manifest_from_before_was_not_deleted() -> None:
    """An older version of the portal listed them."""
    before = Manifest(files={"a/.DS_Store": Fingerprint(1, 1, 1, 1)})
    assert compare(before, Manifest(files={})) == ()

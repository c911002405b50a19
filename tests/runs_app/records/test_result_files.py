"""Which kept files are read for results."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from runs_app.records import result_files
from runs_app.records.result_files import choose, opener
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.keeping import KeptFile


def kept(path: str, *, is_kept: bool = True, change: str = "created") -> KeptFile:
    return KeptFile(
        path=path, change=change, size_bytes=1, kept=f"outputs/{path}" if is_kept else ""
    )


def test_files_that_may_hold_results_are_read_in_the_order_in_which_people_look() -> None:
    files = [kept("best.pt"), kept("a/log.csv"), kept("args.json"), kept("runs/results.csv")]
    assert [item.path for item in choose(files).read] == [
        "runs/results.csv",
        "a/log.csv",
        "args.json",
    ]


def test_what_cannot_be_read_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_files, "MAX_FILES", 1)
    files = [
        kept("results.csv"),
        kept("log.csv"),
        kept("huge.csv", is_kept=False),
        kept("old.csv", is_kept=False, change="deleted"),
    ]
    found = choose(files)
    assert [item.path for item in found.read] == ["results.csv"]
    assert {item.source: str(item.reason) for item in found.not_read} == {
        "huge.csv": "not saved, so it could not be read",
        "…": "1 more files of these kinds were not examined",
    }


def test_members_of_the_archive_are_opened_as_files(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "small-files.tar", "w") as tar:
        entry = tarfile.TarInfo("a/log.csv")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"a,b"))
    keptfile = KeptFile(
        path="a/log.csv", change="created", size_bytes=3, kept="small-files.tar", archived=True
    )
    with opener(RunFolder(tmp_path), frozenset()) as as_result:
        with as_result(keptfile).open() as file:
            assert (file.read(), file.fileno() >= 0) == (b"a,b", True)
        gone = replace(keptfile, path="b.csv")
        with pytest.raises(FileNotFoundError):
            as_result(gone).open()

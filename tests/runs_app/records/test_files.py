"""The list of all that a run left, in its run folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.records import files
from runs_app.runner.outputs.keeping import KeptFile
from runs_app.runner.outputs.snapshot import CREATED


@pytest.mark.parametrize(
    "path", ["new\nline.pt", "return\r.pt", 'a "quoted", name.pt', "가중치.pt"]
)
def test_a_name_comes_back_as_it_was_and_gets_its_hash(tmp_path: Path, path: str) -> None:
    """Whatever a script calls its files, nothing else of the run waits for it."""
    other = KeptFile(path="best.pt", change=CREATED, size_bytes=1, kept="outputs/best.pt")
    odd = KeptFile(path=path, change=CREATED, size_bytes=2, kept=f"outputs/{path}")
    files.write(tmp_path, [odd, other])

    files.add_hashes(tmp_path, {odd.kept: "ab", other.kept: "cd"})

    found = [(item.path, item.kept, item.sha256) for item in files.read(tmp_path)]
    assert found == [(path, odd.kept, "ab"), ("best.pt", "outputs/best.pt", "cd")]


def test_a_list_with_half_a_row_is_named(tmp_path: Path) -> None:
    (tmp_path / files.NAME).write_text(",".join(files.COLUMNS) + "\nbest.pt\n")

    with pytest.raises(ValueError, match=r"files\.csv has a row that is not whole: 'best\.pt'"):
        list(files.read(tmp_path))

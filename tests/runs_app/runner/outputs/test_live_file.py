"""A file of results is read while a script writes it, in each way that scripts write files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.runner.outputs import live_file
from runs_app.runner.outputs.before import OldFiles, keep
from runs_app.runner.outputs.live_file import LiveFile
from runs_app.runner.outputs.snapshot import take

HEAD = "epoch,time,loss\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "results.csv"


@pytest.fixture
def table(tmp_path: Path) -> LiveFile:
    return followed(tmp_path, "results.csv")


def followed(directory: Path, path: str) -> LiveFile:
    """A file that a script is about to write into, as it is now."""
    folder = directory / "run"
    folder.mkdir(exist_ok=True)
    before = take(directory)
    keep(directory, before, folder, is_wanted=lambda one: True)
    old_bytes = before.files[path].size_bytes if path in before.files else 0
    return LiveFile(directory, path, old=OldFiles.load(folder), old_size_bytes=old_bytes)


def steps(table: LiveFile) -> list[tuple[int, float]]:
    return [(row.step, row.values.get("loss", -1)) for row, _written_s in table.rows()]


def append(file: Path, text: str | bytes) -> None:
    with file.open("ab") as out:
        out.write(text if isinstance(text, bytes) else text.encode())


def test_appended_rows_come_once_each(table: LiveFile, file: Path) -> None:
    append(file, HEAD)
    assert steps(table) == []
    append(file, "1,10,0.5\n")
    assert steps(table) == [(1, 0.5)]
    assert steps(table) == []
    append(file, "2,20,0.4\n3,30,0.3\n")
    assert steps(table) == [(2, 0.4), (3, 0.3)]


def test_half_a_line_is_waited_for(table: LiveFile, file: Path) -> None:
    append(file, HEAD + "1,10,0.12")
    assert steps(table) == []
    append(file, "34\n2,2")
    assert steps(table) == [(1, 0.1234)]


def test_half_a_first_line_is_waited_for(table: LiveFile, file: Path) -> None:
    append(file, "epoch,ti")
    assert steps(table) == []
    append(file, "me,loss\n1,10,0.5\n")
    assert steps(table) == [(1, 0.5)]


def test_a_table_that_is_written_whole_after_each_epoch(table: LiveFile, file: Path) -> None:
    """What stood there already is not given again, as long as it is the same."""
    file.write_text(HEAD + "1,10,0.5\n")
    assert steps(table) == [(1, 0.5)]
    file.write_text(HEAD + "1,10,0.5\n2,20,0.4\n")
    assert steps(table) == [(2, 0.4)]
    aside = file.with_name("aside")
    aside.write_text(HEAD + "1,10,0.5\n2,20,0.4\n3,30,0.3\n")
    aside.replace(file)
    assert steps(table) == [(3, 0.3)]


def test_another_table_in_its_place_is_read_from_its_beginning(table: LiveFile, file: Path) -> None:
    file.write_text(HEAD + "1,10,0.5\n2,20,0.4\n")
    steps(table)
    file.write_text("step,loss\n1,9\n")
    assert steps(table) == [(1, 9)]


def test_a_table_that_was_emptied_begins_anew(table: LiveFile, file: Path) -> None:
    file.write_text(HEAD + "1,10,0.5\n")
    steps(table)
    file.write_text("")
    assert steps(table) == []
    append(file, HEAD + "1,10,0.7\n")
    assert steps(table) == [(1, 0.7)]


def test_time_and_moment_come_along(table: LiveFile, file: Path) -> None:
    append(file, HEAD + "1,12.5,0.5\n")
    os.utime(file, (1000, 1000))
    [(row, written_s)] = table.rows()
    assert (row.seconds, written_s) == (12.5, 1000)


@pytest.mark.parametrize(
    "text",
    ["image,confidence\n1,0.5\n2,0.4\n", "\n\n1,2\n", "epoch\n", "\x00\x01\n\x02\n", "epoch\n1\n"],
)
def test_what_is_no_result_table_says_nothing(table: LiveFile, file: Path, text: str) -> None:
    append(file, text)
    assert [row.values for row, _written_s in table.rows() if row.values] == []


def test_korean_tables_are_read(table: LiveFile, file: Path) -> None:
    append(file, "에폭,손실\n1,0.5\n".encode("cp949"))
    [(row, _written_s)] = table.rows()
    assert (row.step, row.values) == (1, {"손실": 0.5})


def test_a_long_table_is_read_in_parts(
    table: LiveFile, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_file, "MAX_BYTES", 64)
    append(file, HEAD + "".join(f"{n},1,0.5\n" for n in range(20)))
    found: list[tuple[int, float]] = []
    for _look in range(20):
        found += steps(table)
    assert [step for step, _loss in found] == list(range(20))


def test_rows_from_before_the_start_are_passed_over(tmp_path: Path, file: Path) -> None:
    file.write_text(HEAD + "1,10,9\n2,20,8\n")
    table = followed(tmp_path, "results.csv")
    append(file, "1,10,0.5\n")
    assert steps(table) == [(1, 0.5)]
    append(file, "2,20,0.4\n")
    assert steps(table) == [(2, 0.4)]
    assert not table.was_rewritten


def test_a_table_that_is_begun_again_is_all_of_this_run(tmp_path: Path, file: Path) -> None:
    """Its first rows may be those of before: the same script with the same seed."""
    file.write_text(HEAD + "1,10,9\n2,20,8\n")
    table = followed(tmp_path, "results.csv")
    file.write_text(HEAD + "1,10,9\n")
    assert steps(table) == [(1, 9)]
    append(file, "2,20,8\n3,30,7\n")
    assert steps(table) == [(2, 8), (3, 7)]
    assert table.was_rewritten


def test_a_document_is_read_again_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_file, "DOCUMENT_SHARE", 1e9)
    document = followed(tmp_path, "history.json")
    file = tmp_path / "history.json"
    file.write_text('{"loss": [0.5]}')
    assert len(steps(document)) == 1
    assert not document.is_table
    file.write_text('{"loss": [0.5, 0.4]}')
    assert [loss for _step, loss in steps(document)] == [0.5, 0.4]


def test_a_large_document_is_read_seldom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_file, "DOCUMENT_SHARE", 1e-9)
    document = followed(tmp_path, "history.json")
    (tmp_path / "history.json").write_text('{"loss": [0.5]}')
    steps(document)
    (tmp_path / "history.json").write_text('{"loss": [0.5, 0.4]}')
    assert steps(document) == []


def test_a_link_is_not_followed(table: LiveFile, file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(HEAD + "1,10,0.5\n")
    file.symlink_to(tmp_path / "secret.csv")
    assert steps(table) == []


def test_a_table_that_is_gone_says_nothing(table: LiveFile) -> None:
    assert steps(table) == []


def test_of_a_log_file_the_new_lines_alone_are_followed(tmp_path: Path) -> None:
    file = tmp_path / "eval.log"
    file.write_text("loss: 9\nloss: 8\n")
    log = followed(tmp_path, "eval.log")
    append(file, "loss: 0.5\n")
    assert steps(log) == []  # held until it is clear that it stands in no list of settings
    append(file, "done\nloss: 0.4\ndone\n")
    assert steps(log) == [(0, 0.5), (1, 0.4)]
    assert not log.is_table

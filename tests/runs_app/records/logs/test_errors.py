"""Which lines of a log look like errors, and where the cause of a failure is in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import pytest

from runs_app.records.logs.errors import ErrorLine, LogPlace, place_of_cause
from runs_app.records.logs.opening import read_at
from runs_app.records.logs.search import Hit, search

TRACEBACK = """\
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB
"""


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "FileNotFoundError: [Errno 2] No such file or directory: 'data.yaml'",
        "torch.cuda.OutOfMemoryError: CUDA out of memory.",
        "2026-11-28 14:02:11 ERROR trainer: no images",
        "[CRITICAL] the camera is gone",
        "train.py: error: unrecognized arguments: --epoch",
        "fatal: not a git repository",
        "오류: 데이터가 없습니다",
        "Segmentation fault (core dumped)",
        "run.sh: line 3:  4711 Killed                  python train.py",
        "run.sh: line 3: pyhton: command not found",
        "\x1b[31mERROR\x1b[0m no images",
        "50%|#####\rERROR no images",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_line_looks_like_an_error(line: str, encoding: str) -> None:
    data = f"epoch 1\n{line}\nend\n".encode(encoding)
    hits = [
        item for item in search(io.BytesIO(data), len(data), ErrorLine()) if isinstance(item, Hit)
    ]
    assert [hit.line for hit in hits] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "epoch 3 val/error: 0.12 loss: 0.3",
        "ERROR RATE 0.2",
        "errors=0 warnings=2",
        "mean absolute error 0.1",
        "DeprecationWarning: use the new API",
        "Skipped 3 images without errors",
        "killed 3 stale workers",
        "Fatality detector v2 loaded",
    ],
)
def test_line_does_not_look_like_an_error(line: str) -> None:
    data = line.encode()
    assert not [item for item in search(io.BytesIO(data), 99, ErrorLine()) if isinstance(item, Hit)]


def place(folder: Path, line: str, **logs: str) -> LogPlace | None:
    for stream, text in logs.items():
        (folder / f"{stream}.log").write_text(text, encoding="utf-8")
    return place_of_cause(folder, line)


OUT_OF_MEMORY = TRACEBACK.splitlines()[-1]


def test_cause_is_where_its_traceback_begins(tmp_path: Path) -> None:
    found = place(tmp_path, OUT_OF_MEMORY, stdout="epoch 1\n", stderr=f"a warning\n{TRACEBACK}")
    assert found == LogPlace(stream="stderr", offset=10, line=2)


def test_traceback_of_something_else_is_not_the_cause(tmp_path: Path) -> None:
    text = f"{TRACEBACK}went on\nand on\nand on\nand on\nKilled\n"
    found = place(tmp_path, "Killed", stdout=text)
    assert found == LogPlace(stream="stdout", offset=text.index("Killed"), line=9)


def test_cause_is_found_where_a_bar_was_overwritten_and_colours_were(tmp_path: Path) -> None:
    line = "DiskError: full"
    found = place(tmp_path, line, stderr=f"one\n10%\r\x1b[31m{line}\x1b[0m\n")
    assert found == LogPlace(stream="stderr", offset=4, line=2)


@pytest.mark.parametrize("line", ["", "not in the log"])
def test_cause_without_a_line_in_the_log_has_no_place(tmp_path: Path, line: str) -> None:
    assert place(tmp_path, line, stderr="one\n") is None


def test_what_was_searched_for_errors_in_vain_is_not_searched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stdout.log"
    path.write_bytes(b"epoch 1 loss: 3\n" * 1000 + b"RuntimeErr")
    read: list[int] = []

    def noting(log: BinaryIO, place: int, size: int) -> bytes:
        read.append(place)
        return read_at(log, place, size)

    monkeypatch.setattr("runs_app.records.logs.search.read_at", noting)
    assert errors_in(path) == []
    with path.open("ab") as log:  # the line that was being written goes on
        log.write(b"or: no data\n")
    assert errors_in(path) == ["RuntimeError: no data"]
    assert read == [0, 16_000]
    # One that was found is found again.
    assert errors_in(path) == ["RuntimeError: no data"]
    path.write_bytes(b"ERROR: begun again\n")
    assert errors_in(path) == ["ERROR: begun again"]


def errors_in(path: Path) -> list[str]:
    with path.open("rb") as log:
        found = search(log, path.stat().st_size, ErrorLine())
        return [item.text for item in found if isinstance(item, Hit)]

"""Reading a log while it grows."""

from __future__ import annotations

from pathlib import Path

from runs_app.records.logs.reader import CHUNK_BYTES, LogReader


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "stdout.log")
    assert reader.read() == b""
    (tmp_path / "stdout.log").write_bytes(b"epoch 1\n")
    assert reader.read() == b"epoch 1\n"


def test_only_what_is_new_is_read_and_bytes_stay_bytes(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_bytes(b"50%\r\xff\x00")
    reader = LogReader(log)
    heard: list[bytes] = []
    assert reader.pump(heard.append)
    assert not reader.pump(heard.append)
    with log.open("ab") as more:
        more.write("끝".encode())
    assert reader.pump(heard.append)
    assert b"".join(heard) == b"50%\r\xff\x00" + "끝".encode()


def test_a_large_log_comes_in_chunks(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_bytes(b"x" * (CHUNK_BYTES * 2 + 1))
    heard: list[bytes] = []
    LogReader(log).pump(heard.append)
    assert [len(chunk) for chunk in heard] == [CHUNK_BYTES, CHUNK_BYTES, 1]

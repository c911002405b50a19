"""The log of a run by byte offset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.records import log_window
from runs_app.records.log_window import read_before, read_from, read_tail
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home: Home) -> Run:
    run = make_run(make_experiment(), RunStatus.RUNNING)
    run.folder.mkdir(parents=True)
    return run


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_member("Viewer"))
    return client


def log_of(run: Run, stream: str = "stdout") -> str:
    return f"/admin/runs_app/run/{run.pk}/log/{stream}/"


def test_log_that_is_not_there_yet_is_empty(browser: Client, run: Run) -> None:
    answer = browser.get(log_of(run))
    assert (answer.content, answer["X-Log-Size"], answer["X-Log-End"]) == (b"", "0", "0")


def test_log_is_followed_without_a_gap_or_a_repetition(browser: Client, run: Run) -> None:
    text = "훈련 1\r훈련 2\n끝\n".encode()
    read, offset = b"", "0"
    with (run.folder / "stdout.log").open("ab", buffering=0) as log:
        for at in range(len(text)):
            log.write(text[at : at + 1])
            answer = browser.get(log_of(run), {"from": offset})
            read += answer.content
            offset = answer["X-Log-End"]
    assert read == text


def test_bytes_come_unchanged_and_cannot_become_a_page(browser: Client, run: Run) -> None:
    hostile = b"<script>alert(1)</script>\x1b[31m\xff\xfe\n"
    (run.folder / "stderr.log").write_bytes(hostile)
    answer = browser.get(log_of(run, "stderr"))
    assert answer.content == hostile
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer["Cache-Control"]


def test_whole_log_is_downloaded_as_a_file(browser: Client, run: Run) -> None:
    (run.folder / "stdout.log").write_bytes(b"x" * 1_000_000)
    answer: Any = browser.get(f"{log_of(run)}file/")
    assert len(b"".join(answer.streaming_content)) == 1_000_000
    answer.close()
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("stream", ["spec", "exit", "spec-json"])
def test_nothing_but_the_two_logs_is_read(browser: Client, run: Run, stream: str) -> None:
    (run.folder / "spec.json").write_text("secret", encoding="utf-8")
    assert browser.get(log_of(run, stream)).status_code == 404


def test_link_in_place_of_a_log_is_not_followed(browser: Client, run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (run.folder / "stdout.log").symlink_to(tmp_path / "secret")
    assert browser.get(log_of(run)).content == b""
    assert browser.get(f"{log_of(run)}file/").status_code == 404


def test_pipe_in_place_of_a_log_does_not_block(browser: Client, run: Run) -> None:
    os.mkfifo(run.folder / "stdout.log")
    assert browser.get(log_of(run)).content == b""


def test_stranger_reads_no_log(client: Client, run: Run) -> None:
    assert client.get(log_of(run)).status_code == 302


def test_tail_of_a_large_log_begins_with_a_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_window, "CHUNK_BYTES", 25)
    (tmp_path / "stdout.log").write_bytes(b"".join(b"line %03d\n" % at for at in range(100)))
    tail = read_tail(tmp_path, "stdout")
    assert (tail.data, tail.start, tail.end) == (b"line 098\nline 099\n", 882, 900)
    before = read_before(tmp_path, "stdout", tail.start)
    assert before.data == b"line 096\nline 097\n"
    assert before.end == tail.start


def test_pages_backwards_join_to_the_whole_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_window, "CHUNK_BYTES", 40)
    whole = b"short\n" + b"x" * 300 + b"\n" + b"".join(b"%d\n" % at for at in range(50))
    (tmp_path / "stdout.log").write_bytes(whole)
    window = read_tail(tmp_path, "stdout")
    read = window.data
    while window.start > 0:
        window = read_before(tmp_path, "stdout", window.start)
        assert window.data
        read = window.data + read
    assert read == whole


def test_viewer_who_is_far_behind_is_brought_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_window, "CHUNK_BYTES", 10)
    monkeypatch.setattr(log_window, "FAR_BEHIND_BYTES", 50)
    (tmp_path / "stdout.log").write_bytes(b"1234\n" * 20)
    near = read_from(tmp_path, "stdout", 60)
    assert (near.start, near.skipped, len(near.data)) == (60, 0, 10)
    far = read_from(tmp_path, "stdout", 5)
    assert far.start + len(far.data) == 100
    assert far.skipped == far.start - 5


def test_log_that_was_cut_is_shown_from_its_tail(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_bytes(b"new\n")
    assert read_from(tmp_path, "stdout", 1000).data == b"new\n"

"""The log of a run by byte offset."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run
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


def test_growing_log_costs_no_compression(browser: Client, run: Run) -> None:
    (run.folder / "stdout.log").write_bytes(b"line\n" * 1000)
    answer = browser.get(log_of(run), headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "identity"
    assert len(answer.content) == 5000


def test_first_line_has_its_number(browser: Client, run: Run) -> None:
    (run.folder / "stdout.log").write_bytes(b"one\ntwo\nthree\n")
    assert browser.get(log_of(run), {"at": "4"})["X-Log-Line"] == "1"
    assert "X-Log-Line" not in browser.get(log_of(run), {"from": "4"})


def test_both_outputs_come_in_the_order_of_time(browser: Client, run: Run) -> None:
    (run.folder / "stdout.log").write_bytes(b"loading\nepoch 1\n")
    (run.folder / "stderr.log").write_bytes(b"a warning\nlater\n")
    (run.folder / "output.index").write_text("1.0 8 0\n2.5 8 10\n3.0 16 10\n", encoding="utf-8")
    answer = browser.get(log_of(run, "merged"))
    size = int(answer["X-Log-Head"])
    assert json.loads(answer.content[:size]) == [
        ["stdout", 0, 8, 1, 1000],
        ["stderr", 0, 10, 1, 2500],
        ["stdout", 8, 8, None, 3000],
        ["stderr", 10, 6, None, None],
    ]
    assert answer.content[size:] == b"loading\na warning\nepoch 1\nlater\n"
    assert (answer["X-Log-Start"], answer["X-Log-End"]) == ("0-0", "16-16")
    news = browser.get(log_of(run, "merged"), {"from": "16-10"})
    assert news.content.endswith(b"\nlater\n")
    there = browser.get(log_of(run, "merged"), {"at": "stderr-10"})
    assert there["X-Log-End"] == "16-16"


@pytest.mark.parametrize("position", ["", "-", "7", "a-b", "7-", "-7", "0-99999999999999999999"])
def test_position_that_is_none_gives_the_tail(browser: Client, run: Run, position: str) -> None:
    (run.folder / "stdout.log").write_bytes(b"one\n")
    assert browser.get(log_of(run, "merged"), {"from": position})["X-Log-End"] == "4-0"

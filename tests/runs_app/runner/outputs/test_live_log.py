"""The output of a running script is followed within a share of a core."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.runner.outputs import live_log
from runs_app.runner.outputs.live_log import LiveLog


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stdout.log"


@pytest.fixture
def log(file: Path) -> LiveLog:
    return LiveLog(file, "stdout", every_s=60.0)


def points(log: LiveLog) -> list[tuple[str, int, float]]:
    return [
        (series.name, point.step, point.value) for series in log.series() for point in series.points
    ]


def append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(text)


def test_new_lines_are_read_once(log: LiveLog, file: Path) -> None:
    assert points(log) == []
    append(file, "epoch 1 loss: 0.5\nepoch 2 lo")
    assert points(log) == [("loss", 1, 0.5)]
    append(file, "ss: 0.25\n")
    assert points(log) == [("loss", 2, 0.25)]
    assert points(log) == []
    assert not log.is_sampled


def test_what_is_far_behind_is_skipped_and_said(
    log: LiveLog, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_log, "MAX_LOOK_BYTES", 100)
    monkeypatch.setattr(live_log, "MIN_LOOK_BYTES", 10)
    append(file, "".join(f"epoch {number} loss: 0.5\n" for number in range(1000)))
    found = points(log)
    assert log.is_sampled
    assert found[-1] == ("loss", 999, 0.5)
    assert len(found) < 10
    append(file, "epoch 1000 loss: 0.25\n")
    assert points(log) == [("loss", 1000, 0.25)]


def test_what_takes_too_long_is_skipped_and_said(
    log: LiveLog, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr(live_log, "PIECE_BYTES", 20)
    monkeypatch.setattr("time.thread_time", lambda: next(clock))
    append(file, "".join(f"epoch {number} loss: 0.5\n" for number in range(1000)))
    assert 0 < len(points(log)) < 10
    assert log.is_sampled
    append(file, "epoch 1000 loss: 0.25\n")
    assert points(log) == [("loss", 1000, 0.25)]


def test_a_log_that_the_script_emptied_is_read_from_its_beginning(log: LiveLog, file: Path) -> None:
    append(file, "epoch 1 loss: 0.5\nepoch 2 loss: 0.4\n")
    points(log)
    file.write_text("epoch 3 loss: 0.3\n")
    assert points(log) == [("loss", 3, 0.3)]


def test_a_link_is_not_followed(log: LiveLog, file: Path, tmp_path: Path) -> None:
    (tmp_path / "other.log").write_text("epoch 1 loss: 0.5\n")
    file.symlink_to(tmp_path / "other.log")
    assert points(log) == []

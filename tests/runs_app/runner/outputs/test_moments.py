"""When a line of the log was there."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.runner.outputs.moments import LogMoments

INDEX = "1000.500 10 0\n1001.500 10 7\n1002.500 30 7\nspoilt\n1003.500 30 9\n"


@pytest.mark.parametrize(
    ("stream", "offset", "moment_ms"),
    [
        ("stdout", 0, 1_000_500),
        ("stdout", 9, 1_000_500),
        ("stdout", 10, 1_002_500),
        ("stdout", 29, 1_002_500),
        ("stdout", 30, None),
        ("stderr", 0, 1_001_500),
        ("stderr", 7, 1_003_500),
        ("stderr", 9, None),
    ],
)
def test_a_byte_was_there_when_the_log_had_grown_past_it(
    tmp_path: Path, stream: str, offset: int, moment_ms: int | None
) -> None:
    (tmp_path / "output.index").write_text(INDEX)
    assert LogMoments(tmp_path, stream).at_ms(offset) == moment_ms


def test_without_an_index_nothing_is_known(tmp_path: Path) -> None:
    assert LogMoments(tmp_path, "stdout").at_ms(0) is None

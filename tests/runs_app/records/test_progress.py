"""How far a script is, read from what scripts of several libraries print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runs_app.records.progress import TAIL_BYTES, Progress, progress_of


def reported(folder: Path, stdout: str, stderr: str = "", **params: Any) -> Progress | None:
    (folder / "stdout.log").write_text(stdout, encoding="utf-8")
    (folder / "stderr.log").write_text(stderr, encoding="utf-8")
    return progress_of(folder, params)


@pytest.mark.parametrize(
    ("output", "at", "of", "share"),
    [
        ("epoch 26/40  loss 0.71\nepoch 27/40  loss 0.70\n", 27, 40, 27 / 40),
        ("Epoch 27/40\n", 27, 40, 26 / 40),
        ("Epoch [27/40], Loss: 0.7012\n", 27, 40, 27 / 40),
        ("Epoch: 27 of 40\n", 27, 40, 26 / 40),
        ("에폭 27/40 손실 0.70\n", 27, 40, 27 / 40),
        # Ultralytics, Keras, tqdm with the epoch as its description.
        ("  27/40  8.11G  0.729  0.398  138  1280:  50% 127/253 00:28<00:18", 27, 40, 26.5 / 40),
        ("Epoch 27/40\n\r 50%|█████     | 5/10 [00:01<00:01]", 27, 40, 26.5 / 40),
        ("Epoch 27/40:  50%|█████     | 5/10 [00:01<00:01,  3.9it/s]", 27, 40, 26.5 / 40),
        ("\x1b[34mEpoch 40/40\x1b[0m loss 0.1", 40, 40, 1.0),
    ],
)
def test_epochs_tell_how_far_it_is(
    tmp_path: Path, output: str, at: int, of: int, share: float
) -> None:
    assert reported(tmp_path, output) == Progress(at=at, of=of, share=pytest.approx(share))  # type: ignore[arg-type]


def test_parameter_says_how_many_epochs_there_are(tmp_path: Path) -> None:
    assert reported(tmp_path, "epoch 3 loss 0.5\n", epochs="12") == Progress(
        at=3, of=12, share=0.25
    )
    assert reported(tmp_path, "epoch 3 loss 0.5\n") is None


def test_metrics_tell_it_where_nothing_is_printed(tmp_path: Path) -> None:
    row = {"key": "loss", "value": 1.0, "step": 5, "timestamp_ms": 1}
    (tmp_path / "live.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert reported(tmp_path, "", epochs=20) == Progress(at=5, of=20, share=0.25)
    assert reported(tmp_path, "", epochs=4) is None


def test_bar_alone_may_be_of_a_part(tmp_path: Path) -> None:
    bar = "\rloading:  10%|█ | 1/10 [00:01<00:09]\rloading:  40%|████ | 4/10 [00:04<00:06]"
    assert reported(tmp_path, "started\n", stderr=bar) == Progress(at=4, of=10, share=None)


@pytest.mark.parametrize(
    "output", ["", "no numbers", "50% of the data", "Epoch 9/0", "epoch 41/40", "2026/11/29 ready"]
)
def test_what_is_no_progress_is_none(tmp_path: Path, output: str) -> None:
    assert reported(tmp_path, output) is None


def test_only_the_end_of_a_log_is_read(tmp_path: Path) -> None:
    assert reported(tmp_path, "epoch 1/9\n" + "x" * (TAIL_BYTES + 1)) is None

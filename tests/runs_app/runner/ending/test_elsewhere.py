"""Results that did not stay in the directory of a run are found."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runs_app.runner.ending.elsewhere import links_out, outside, reported_paths


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("Results saved to runs/detect/train", "runs/detect/train"),
        (
            "Results saved to /home/kim/ultra-runs/detect/train.",
            "/home/kim/ultra-runs/detect/train",
        ),
        ("Logging results to runs/train/exp3", "runs/train/exp3"),
        ("Saving model checkpoint to output/checkpoint-500", "output/checkpoint-500"),
        ("Model saved at './out/model.pth'", "./out/model.pth"),
        ("Saved: /tmp/x.onnx", "/tmp/x.onnx"),
        ("wrote /data/out.csv", "/data/out.csv"),
        ("Export complete, saved as best.onnx (6.1 MB)", "best.onnx"),
        ("INFO: written to ~/models/best.pt", "~/models/best.pt"),
        ("결과를 /data/출력/a.csv에 저장했습니다", "/data/출력/a.csv"),
    ],
)
def test_a_log_says_where_it_saved(line: str, path: str) -> None:
    assert reported_paths([line]) == [path]


@pytest.mark.parametrize(
    "line",
    [
        "saved to s3://bucket/model.pt",
        "Time saved in total: 3.2 s",
        "Loading weights from /data/best.pt",
        "epoch 3 loss 0.2",
        "saved to the cloud",
    ],
)
def test_other_lines_name_no_place(line: str) -> None:
    assert reported_paths([line]) == []


def test_only_what_is_outside_and_new_counts(tmp_path: Path) -> None:
    directory, other = tmp_path / "e", tmp_path / "elsewhere"
    for name in ("e/runs/a.csv", "elsewhere/new/best.pt", "elsewhere/old/best.pt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    os.utime(other / "old" / "best.pt", (1, 1))
    paths = ["runs", str(other / "new"), str(other / "old" / "best.pt"), "/proc/self", "/nowhere/x"]
    since_s = time.time() - 60
    assert list(outside(paths, directory, since_s=since_s)) == [str(other / "new")]


def test_links_out_are_reported_where_something_new_is_behind_them(tmp_path: Path) -> None:
    directory = tmp_path / "e"
    for name in ("disk/runs/exp", "disk/data", "e/sub"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "disk/runs/exp/results.csv").write_text("x")
    (tmp_path / "disk/data/1.jpg").write_text("x")
    os.utime(tmp_path / "disk/data/1.jpg", (1, 1))
    (directory / "runs").symlink_to(tmp_path / "disk/runs")
    (directory / "data").symlink_to(tmp_path / "disk/data")
    (directory / "sub/again").symlink_to(directory / "sub")
    found = list(links_out(directory, since_s=time.time() - 60))
    assert found == [("runs", str(tmp_path / "disk/runs"))]
    (directory / "best.pt").symlink_to(tmp_path / "disk/runs/exp/results.csv")
    assert [path for path, _target in links_out(directory, since_s=time.time() - 60)] == [
        "best.pt",
        "runs",
    ]


def test_what_another_run_left_after_the_end_is_not_reported(tmp_path: Path) -> None:
    directory, disk = tmp_path / "e", tmp_path / "disk"
    directory.mkdir()
    disk.mkdir()
    for name, written in {"ours.pt": 1000, "theirs.pt": 2000}.items():
        (disk / name).write_text("x")
        os.utime(disk / name, (written, written))
    for name, target, made in [
        ("ours", "ours.pt", 1000),
        ("theirs", "theirs.pt", 1000),
        ("link-made-later", "ours.pt", 2000),
    ]:
        (directory / name).symlink_to(disk / target)
        os.utime(directory / name, (made, made), follow_symlinks=False)
    run_s = {"since_s": 900.0, "until_s": 1100.0}
    assert list(links_out(directory, **run_s)) == [("ours", str(disk / "ours.pt"))]
    paths = [str(disk / "ours.pt"), str(disk / "theirs.pt")]
    assert list(outside(paths, directory, **run_s)) == paths[:1]

"""The private store of a script's own MLflow calls, read as plain files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runs_app.tracking.child_store import read_runs


def write_run(
    store: Path, run_id: str, *, parent: str = "", status: int = 3, start: int = 1
) -> Path:
    folder = store / "0" / run_id
    for name in ("params", "metrics", "tags", "artifacts"):
        (folder / name).mkdir(parents=True)
    (folder / "meta.yaml").write_text(
        f"run_id: {run_id}\nrun_name: night-{run_id}\nstatus: {status}\n"
        f"start_time: {start}\nend_time: {'null' if status == 1 else start + 9}\n"
    )
    if parent:
        (folder / "tags/mlflow.parentRunId").write_text(parent)
    return folder


def test_a_run_is_read_with_all_it_holds(tmp_path: Path) -> None:
    folder = write_run(tmp_path, "a")
    (folder / "params/lr").write_text("0.1")
    (folder / "metrics/val").mkdir()
    (folder / "metrics/val/loss").write_text("1700 0.5 1\n1701 0.25 2 more words\nrubbish\n")
    (folder / "artifacts/plots").mkdir()
    (folder / "artifacts/plots/confusion.png").write_bytes(b"png")
    [run] = read_runs(tmp_path)
    assert (run.run_id, run.name, run.status, run.finished_ms) == ("a", "night-a", "FINISHED", 10)
    assert run.params == {"lr": "0.1"}
    points = [(point.key, point.value, point.step, point.timestamp_ms) for point in run.metrics()]
    assert points == [("val/loss", 0.5, 1, 1700), ("val/loss", 0.25, 2, 1701)]
    assert [name for _path, name in run.artifacts()] == ["plots/confusion.png"]


def test_a_run_that_was_never_closed_has_no_end(tmp_path: Path) -> None:
    write_run(tmp_path, "a", status=1)
    [run] = read_runs(tmp_path)
    assert (run.status, run.finished_ms) == ("RUNNING", None)


def test_parents_come_before_the_runs_nested_in_them(tmp_path: Path) -> None:
    write_run(tmp_path, "a", parent="b", start=1)
    write_run(tmp_path, "b", parent="c", start=2)
    write_run(tmp_path, "c", parent="not-of-this-store", start=3)
    assert [run.run_id for run in read_runs(tmp_path)] == ["c", "b", "a"]


def test_a_circle_of_parents_ends(tmp_path: Path) -> None:
    write_run(tmp_path, "a", parent="b")
    write_run(tmp_path, "b", parent="a")
    assert {run.run_id for run in read_runs(tmp_path)} == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["", "[", "- 1\n", "run_name: x\n", "run_id: a\nstatus: [1]\n", "\x00", "a: &a [*a]\n"]
)
def test_a_broken_run_is_left_out(tmp_path: Path, text: str) -> None:
    folder = write_run(tmp_path, "broken")
    (folder / "meta.yaml").write_text(text)
    write_run(tmp_path, "whole")
    assert [run.run_id for run in read_runs(tmp_path)] == ["whole"]


def test_a_folder_that_becomes_a_link_while_it_is_read_gives_nothing(tmp_path: Path) -> None:
    """The script may still be alive, with a link to a secret of another user."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "b").write_text("1 42 0\n")
    folder = write_run(tmp_path / "store", "a")
    (folder / "metrics/val").mkdir()
    for name in "ab":
        (folder / f"metrics/val/{name}").write_text("1 0.5 0\n")
    [run] = read_runs(tmp_path / "store")
    points = run.metrics()
    assert next(points).key == "val/a"
    os.rename(folder / "metrics/val", folder / "metrics/old")
    os.symlink(secret, folder / "metrics/val")
    assert [point.value for point in points] == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password")
    folder = write_run(tmp_path / "store", "a")
    os.symlink(secret, folder / "params/lr")
    os.symlink(secret, folder / "artifacts/secret.txt")
    (folder / "tags").rmdir()
    os.symlink(tmp_path, folder / "tags")
    [run] = read_runs(tmp_path / "store")
    assert (run.params, run.tags, list(run.artifacts())) == ({}, {}, [])


def test_files_of_a_logged_model_belong_to_its_run(tmp_path: Path) -> None:
    write_run(tmp_path, "a")
    model = tmp_path / "0/models/m-1"
    (model / "artifacts").mkdir(parents=True)
    (model / "meta.yaml").write_text("source_run_id: a\nname: detector\n")
    (model / "artifacts/MLmodel").write_text("flavor")
    [run] = read_runs(tmp_path)
    assert [name for _path, name in run.artifacts()] == ["models/detector/MLmodel"]


def test_no_store_no_runs(tmp_path: Path) -> None:
    assert read_runs(tmp_path / "missing") == []


def test_a_run_that_the_script_deleted_is_known_as_deleted(tmp_path: Path) -> None:
    for number, stage in enumerate(("active", "deleted")):
        folder = tmp_path / "0" / f"run{number}"
        folder.mkdir(parents=True)
        (folder / "meta.yaml").write_text(f"run_id: run{number}\nlifecycle_stage: {stage}\n")
    assert [item.is_deleted for item in read_runs(tmp_path)] == [False, True]

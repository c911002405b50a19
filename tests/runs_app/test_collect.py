"""What a run made becomes copies, rows and metrics, as often as it is asked for."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app import executor
from runs_app.choices import RunStatus
from runs_app.collect import collect, read_metrics
from runs_app.models import Run
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import RunFolder
from runs_app.runner.snapshot import take
from tests.factories import make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

TABLE = "epoch,metrics/mAP50(B)\n1,0.5\n2,0.75\n"


@pytest.fixture
def run(home: Home) -> Run:
    """A run whose script is about to write into its directory."""
    run = make_run(home.experiment(), RunStatus.FAILED)
    folder = executor.folder_of(run)
    folder.path.mkdir(parents=True)
    folder.stdout.write_bytes(b"")
    take(Path(run.cwd)).save(folder.manifest_before)
    return run


def folder_of(run: Run) -> RunFolder:
    return executor.folder_of(run)


def write(run: Run, path: str, data: str = "1") -> None:
    file = Path(run.cwd) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data, encoding="utf-8")


def test_new_and_changed_files_become_copies_and_rows(run: Run) -> None:
    write(run, "runs/exp/best.pt", "weights")
    write(run, "train.py", "changed")
    collect(run)
    row = run.files.get(path="runs/exp/best.pt")
    assert (row.change, row.size_bytes, row.left_out) == ("created", 7, "")
    assert row.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert row.artifact == "outputs/runs/exp/best.pt"
    assert (run.folder / row.kept).read_bytes() == b"weights"
    source = run.files.get(path="train.py")
    assert (source.change, source.kept, source.artifact) == ("changed", "", "")
    assert source.left_out == "not one of the kinds of files that are kept"


def test_failed_run_keeps_its_metrics_as_well(run: Run) -> None:
    write(run, "results.csv", TABLE)
    collect(run)
    points = list(read_metrics(folder_of(run)))
    assert [(one.key, one.step, one.value) for one in points] == [
        ("metrics/mAP50B", 1, 0.5),
        ("metrics/mAP50B", 2, 0.75),
    ]


def test_second_call_says_the_same_although_another_run_went_on(run: Run) -> None:
    write(run, "results.csv", TABLE)
    collect(run)
    first = list(run.files.values_list("path", "change", "size_bytes", "sha256", "kept"))
    metrics = folder_of(run).metrics.read_bytes()
    write(run, "results.csv", "epoch,other\n9,9\n")
    write(run, "later.csv")
    collect(run)
    assert list(run.files.values_list("path", "change", "size_bytes", "sha256", "kept")) == first
    assert folder_of(run).metrics.read_bytes() == metrics


@pytest.mark.parametrize("name", [b"\xb0\xe1\xb0\xfa.csv", b"line\nbreak.csv", "결과.csv".encode()])
def test_names_of_any_bytes_have_a_row_and_a_copy_that_opens(run: Run, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(run.cwd) + b"/" + name)).write_text(TABLE, encoding="utf-8")
    collect(run)
    row = run.files.get()
    assert (run.folder / row.kept).read_text(encoding="utf-8") == TABLE
    assert len(list(read_metrics(folder_of(run)))) == 2


def test_path_that_no_column_holds_is_told_shortened(run: Run) -> None:
    path = "/".join(["d" * 200] * 6) + "/best.pt"
    write(run, path)
    collect(run)
    row = run.files.get()
    assert len(row.path) == 1000
    assert row.path.endswith("/best.pt")
    assert (row.kept, row.left_out) == ("", "its path is too long for the run folder")


def test_what_is_over_the_limit_is_told_and_not_copied(run: Run, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB = 1
    write(run, "small.csv")
    write(run, "huge.pt", "x" * 2**21)
    collect(run)
    assert run.files.get(path="small.csv").kept
    huge = run.files.get(path="huge.pt")
    assert (huge.kept, huge.size_bytes) == ("", 2**21)
    assert "up to 1 MiB" in huge.left_out


def test_kinds_of_files_are_a_setting(run: Run, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_PATTERNS = ["*.own"]
    write(run, "a.own")
    write(run, "a.csv")
    collect(run)
    assert [row.path for row in run.files.exclude(kept="")] == ["a.own"]


def test_run_that_never_began_has_no_files(run: Run) -> None:
    folder_of(run).manifest_before.unlink()
    write(run, "results.csv", TABLE)
    collect(run)
    assert not run.files.exists()
    assert list(read_metrics(folder_of(run))) == []


def test_run_folder_before_its_end_has_no_metrics(run: Run) -> None:
    assert list(read_metrics(folder_of(run))) == []


@pytest.mark.parametrize("text", ["", "not json\n", "[]\n", '{"pruned": []}\n[1\n'])
def test_broken_manifest_is_named(run: Run, text: str) -> None:
    folder_of(run).manifest_before.write_text(text, encoding="ascii")
    with pytest.raises(FolderError, match=r"manifest-before.jsonl cannot be read"):
        collect(run)
    assert not run.files.exists()


def test_directory_that_is_gone_leaves_no_files(run: Run) -> None:
    Path(run.cwd).rename(f"{run.cwd}-moved")
    collect(run)
    assert not run.files.exists()

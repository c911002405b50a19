"""Source, environment and packages of a run, kept without delaying it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.lifecycle import launch
from runs_app.models import Run
from runs_app.records import capture, environment, source
from runs_app.records import launch as launch_record
from tests.factories import change_entry_points
from tests.runs_app.conftest import TRAIN, Home
from tests.runs_app.driving import end, queue, run_to_end

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def test_a_started_run_has_its_source_and_packages(home: Home, settings: Settings) -> None:
    run = queue(home.experiment())
    assert launch.start_next(settings.GUARDIANFLOW_HOST) == [run.pk]
    kept = source.read(run.folder)
    assert list(kept["files"]) == ["train.py"]
    with tarfile.open(run.folder / "source.tar.gz") as tar:
        member = tar.extractfile("train.py")
        assert member is not None
        assert member.read().decode() == TRAIN
    lines = (run.folder / environment.NAME).read_text().splitlines()
    assert lines[0].endswith(sys.executable)
    assert any(line.lower().startswith("django==") for line in lines)
    end(run)


def test_what_the_launcher_could_not_keep_is_kept_at_the_end(home: Home) -> None:
    run = run_to_end(home.experiment())  # started without anybody who captures
    assert (run.folder / "source.tar.gz").exists()
    assert (run.folder / environment.NAME).exists()


def test_commit_and_patch_are_kept_where_there_is_git(home: Home) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    bct = home.experiment()
    directory = Path(bct.path)
    identity = ["-c", "user.name=Jiwoo", "-c", "user.email=jiwoo@example.com"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=directory, check=True)
    with (directory / "train.py").open("a") as script:
        script.write("print('not committed')\n")
    run = run_to_end(bct)
    git = source.read(run.folder)["git"]
    assert len(git["commit"]) == 40
    assert git["problem"] == ""
    assert "+print('not committed')" in (run.folder / "source.patch").read_text()


def test_no_secret_of_the_environment_is_in_the_run_folder(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a-very-secret-key-7291")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    script = "import os; assert os.environ['WANDB_API_KEY'].startswith('a-very')"
    run = run_to_end(home.experiment(script=script))
    assert run.exit_code == 0
    kept = json.loads((run.folder / launch_record.NAME).read_text())
    assert kept["environment"]["OMP_NUM_THREADS"] == "3"
    assert kept["environment"]["WANDB_API_KEY"] == "***"
    assert kept["machine"]["processors"]
    for file in run.folder.rglob("*"):
        assert not file.is_file() or b"very-secret" not in file.read_bytes(), file


def test_an_interpreter_that_does_not_answer_ends_no_run(home: Home, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *packages_child*) exit 3;; esac\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    bct = home.experiment()
    change_entry_points(bct, interpreter=str(python))
    run = run_to_end(bct)
    assert run.exit_code == 0
    assert "did not respond" in (run.folder / environment.NAME).read_text()


def test_a_broken_manifest_only_costs_the_source(home: Home) -> None:
    run = run_to_end(home.experiment())
    (run.folder / source.NAME).unlink()
    (run.folder / "manifest-before.jsonl").write_text("{")
    capture.capture(Run.objects.get(pk=run.pk))
    assert not (run.folder / source.NAME).exists()


def test_a_record_of_another_version_is_read_as_far_as_it_is_known(home: Home) -> None:
    run = run_to_end(home.experiment())
    path = run.folder / launch_record.NAME
    kept = json.loads(path.read_text()) | {"weather": "rain", "user": "somebody"}
    path.write_text(json.dumps(kept))
    assert launch_record.read(run, run.folder).user == "somebody"

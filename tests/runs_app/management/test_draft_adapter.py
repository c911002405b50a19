"""`guardianflow adapter`: drafts for an engineer, never into the experiment's directory."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registry_app.sync.run import sync
from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.records import results
from runs_app.trainers import record
from runs_app.trainers.adapter import branch_name, folder_name
from tests.factories import change_entry_points
from tests.registry_app.sync.git.remote import Remote, git, make_remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.trainers.styles import BESIDE, SCRIPTS

pytestmark = pytest.mark.django_db

NAME = "sampyo-gimhae-bct"


@pytest.fixture
def remote(home: Home, settings: Settings, tmp_path: Path) -> Remote:
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit("experiments: {}\n")
    made.push()
    return made


def adapter(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("draft_adapter", NAME, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_both_files_are_printed_for_the_scripts_own_directory(home: Home) -> None:
    experiment = home.experiment(script=SCRIPTS["parses_in_main.py"])
    out, _err = adapter("--output", "-")
    trainer, base = out.split("# ---- gf_base.py ----")
    assert "class SampyoGimhaeBctTrainer(gf_base.BaseTrainer):" in trainer
    assert "class BaseTrainer:" in base
    assert os.listdir(experiment.path) == ["train.py"]


def test_a_folder_gets_the_trainer_and_keeps_another_one(home: Home, tmp_path: Path) -> None:
    home.experiment(script=SCRIPTS["top_level.py"])
    _out, err = adapter("--output", str(tmp_path / "core"))
    folder = tmp_path / "core" / "trainers" / NAME
    assert sorted(os.listdir(folder)) == ["gf_base.py", "trainer.py"]
    assert "Adapter of train.py: script." in err
    assert "reads the command line when it is imported (line 4)" in err
    (folder / "trainer.py").write_text("# edited\n")
    with pytest.raises(CommandError, match="is there and differs"):
        adapter("--output", str(tmp_path / "core"))


def test_nothing_is_written_below_a_root(home: Home) -> None:
    experiment = home.experiment()
    with pytest.raises(CommandError, match="where the portal writes nothing"):
        adapter("--output", experiment.path)


def test_without_a_core_repository_a_place_is_needed(home: Home) -> None:
    home.experiment()
    with pytest.raises(CommandError, match="--output DIR"):
        adapter()


def test_a_script_that_is_not_there_has_no_adapter(home: Home) -> None:
    home.experiment()
    with pytest.raises(CommandError, match=r"gone.py cannot be read"):
        adapter("--script", "gone.py", "--output", "-")


@pytest.mark.parametrize(
    ("style", "kind", "params"),
    [
        ("parses_in_main.py", "native", {"epochs": 2}),
        ("guard_sets_globals.py", "lifted", {"data": "ppe.yaml", "epochs": 3}),
        ("top_level.py", "script", {"epochs": 2}),
    ],
)
def test_a_pushed_adapter_is_merged_and_runs(
    home: Home, remote: Remote, style: str, kind: str, params: dict[str, object]
) -> None:
    experiment = home.experiment(script=SCRIPTS[style])
    for path, text in BESIDE.items():
        (Path(experiment.path) / path).write_text(text)
    sync()
    remote.pull()
    _out, err = adapter()
    branch = f"guardianflow/adapter-{NAME}"
    assert f"Pushed to branch {branch}" in err
    assert f"core:trainers/{NAME}/trainer.py" in err
    assert git(remote.path, "diff", "--name-status", "main", branch).split() == [
        *("A", f"trainers/{NAME}/gf_base.py", "A", f"trainers/{NAME}/trainer.py"),
    ]
    git(remote.clone, "fetch", "--quiet", "origin", branch)
    git(remote.clone, "merge", "--quiet", "--no-edit", "FETCH_HEAD")
    remote.push()
    sync()
    change_entry_points(experiment, default_script=f"core:trainers/{NAME}/trainer.py")
    run = run_to_end(experiment, params=params)
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    found = record.header(folder_of(run))
    assert found is not None
    assert (found.kind, found.experiment) == (kind, NAME)
    if style == "parses_in_main.py":
        assert {m.key: m.points for m in results.read(run.folder).metrics} == {"loss": 2}


def test_a_branch_with_other_commits_is_left_alone(home: Home, remote: Remote) -> None:
    home.experiment()
    adapter()
    adapter()  # the same files again: nothing to do
    branch = f"guardianflow/adapter-{NAME}"
    git(remote.clone, "fetch", "--quiet", "origin", branch)
    git(remote.clone, "checkout", "--quiet", "FETCH_HEAD")
    remote.commit_all("x") if remote.file.write_text("# edited\n") else None
    git(remote.clone, "push", "--quiet", "origin", f"HEAD:{branch}")
    with pytest.raises(CommandError, match="has other commits"):
        adapter()


@pytest.mark.parametrize(
    ("name", "folder", "branch"),
    [
        ("sampyo-bct", "sampyo-bct", "sampyo-bct"),
        ("동화 ppe", "동화 ppe", "동화-ppe"),
        ("a/b:c", "a-b-c", "a-b-c"),
        ("..x..", "x", "x"),
        ("~^:?*[\\", "~^-?*[-", "experiment"),
        ("v.lock", "v.lock", "v"),
    ],
)
def test_any_name_makes_a_folder_and_a_branch(name: str, folder: str, branch: str) -> None:
    assert folder_name(name) == folder
    assert branch_name(name) == f"guardianflow/adapter-{branch}"

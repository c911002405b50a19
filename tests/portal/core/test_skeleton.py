"""A new core repository: what is in it, and where none is written."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.core.check import check
from registry_app.document.writer import dump
from registry_app.fields.rows import document_from_rows
from tests.factories import make_entry_point, make_experiment

pytestmark = pytest.mark.django_db


def init(directory: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("core", "init", str(directory), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refusal(directory: Path) -> str:
    with pytest.raises(CommandError) as caught:
        init(directory)
    return str(caught.value)


def test_it_holds_the_registry_and_passes_its_own_check(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "experiments"]
    make_entry_point(make_experiment("용접 구역", path=str(tmp_path / "experiments" / "용접 구역")))
    core = tmp_path / "guardianflow"
    files = json.loads(init(core, "--json"))["files"]
    assert files == sorted(
        str(path.relative_to(core)) for path in core.rglob("*") if path.is_file()
    )
    assert files == [
        ".gitattributes",
        "MLproject",
        "README.md",
        "pipelines/README.md",
        "registry/experiments.yaml",
        "scenario/README.md",
        "trainers/README.md",
    ]
    registry = (core / "registry" / "experiments.yaml").read_text(encoding="utf-8")
    assert registry == dump(document_from_rows())
    assert "용접 구역" in registry
    assert check(core).problems == ()


def test_the_readme_speaks_korean_and_english(tmp_path: Path) -> None:
    init(tmp_path / "core")
    readme = (tmp_path / "core" / "README.md").read_text(encoding="utf-8")
    assert "코어 저장소입니다" in readme
    assert "The core repository" in readme
    assert readme.count("guardianflow core check .") == 2


def test_mlflow_reads_the_project(tmp_path: Path) -> None:
    init(tmp_path / "core")
    project = yaml.safe_load((tmp_path / "core" / "MLproject").read_text(encoding="utf-8"))
    assert project == {"name": "guardianflow", "entry_points": {}}


def test_a_repository_that_was_cloned_empty_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "core" / ".git").mkdir(parents=True)
    assert str(tmp_path / "core" / "MLproject") in init(tmp_path / "core").splitlines()
    assert list((tmp_path / "core" / ".git").iterdir()) == []


def test_nothing_is_overwritten_and_the_refusal_names_the_fix(tmp_path: Path) -> None:
    init(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    refused = refusal(tmp_path)
    assert "is not empty (.gitattributes, MLproject, README.md, …)" in refused
    assert f"guardianflow export {tmp_path}/registry/experiments.yaml" in refused
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("notes")
    assert "Name a new folder" in refusal(tmp_path / "core")


def test_nothing_is_written_where_experiments_are(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    assert "never written to" in refusal(tmp_path / "core")
    assert list(tmp_path.iterdir()) == []

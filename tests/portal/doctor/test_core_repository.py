"""What `doctor` says of the core repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.doctor import core_repository
from portal.doctor.line import Level
from runs_app.executors import fencing


@pytest.fixture(autouse=True)
def core(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fencing, "OPEN_FOLDERS", ())
    monkeypatch.setenv("TMPDIR", "")
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_CORE_URL = "https://git.example.com/core.git"


def levels() -> list[Level]:
    return [line.level for line in core_repository.remote()]


def test_without_a_core_repository_nothing_is_said(settings: Settings) -> None:
    settings.GUARDIANFLOW_CORE_URL = ""
    assert levels() == []


def test_a_core_repository_in_order_is_named() -> None:
    [line] = core_repository.remote()
    assert line.level is Level.OK
    assert "https://git.example.com/core.git main:registry/experiments.yaml" in line.text


def test_a_git_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    [line] = core_repository.remote()
    assert line.level is Level.BAD
    assert "git 2.30.2 is too old" in line.text


def test_credentials_that_others_read_are_named(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("portal:s3cret", encoding="utf-8")
    file.chmod(0o644)
    settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE = str(file)
    assert levels() == [Level.BAD]


@pytest.mark.parametrize(("place", "level"), [("roots", Level.WARN), ("elsewhere", Level.OK)])
def test_credentials_and_remotes_among_the_experiments_are_named(
    settings: Settings, tmp_path: Path, place: str, level: Level
) -> None:
    folder = tmp_path / place
    folder.mkdir()
    (folder / "token").write_text("portal:s3cret", encoding="utf-8")
    (folder / "token").chmod(0o600)
    settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE = str(folder / "token")
    settings.GUARDIANFLOW_CORE_URL = f"file://{folder}/core.git"
    assert set(levels()) == {level}

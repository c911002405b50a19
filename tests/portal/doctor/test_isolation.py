"""`doctor` starts a script and reports what it could do to the portal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.doctor import isolation
from portal.doctor.line import Level, Line
from runs_app.runner.isolation.attempts import ATTEMPTS
from runs_app.runner.isolation.fence import OFF, PORTAL, STRICT
from tests.runs_app.conftest import Home, fenced, home, mlflow_store

__all__ = ["fenced", "home", "mlflow_store"]
pytestmark = [pytest.mark.django_db, pytest.mark.processes]


@pytest.fixture
def lines(home: Home) -> Iterator[Line]:
    (home.path / "secret_key").chmod(0o600)
    return isolation.scripts()


@pytest.mark.parametrize("mode", [PORTAL, STRICT])
def test_a_fence_keeps_off_accidents_and_doctor_names_what_is_left(
    lines: Iterator[Line], home: Home, fenced: None, settings: Settings, mode: str
) -> None:
    settings.GUARDIANFLOW_FENCE = mode
    line = next(lines)
    assert line.level is Level.WARN
    assert f"fence: {mode} (Landlock" in line.text
    could = line.text.partition("a script could")[2]
    assert "change the access rights of the data directory" in could
    for refused in ("secret key", "database", "into the data directory", "the portal's code"):
        assert refused not in could
    assert "SECURITY.md" in line.fix


def test_without_a_fence_who_edits_a_script_is_administrator(
    lines: Iterator[Line], home: Home, settings: Settings
) -> None:
    settings.GUARDIANFLOW_FENCE = OFF
    line = next(lines)
    assert line.level is Level.BAD
    assert "read the secret key" in line.text
    assert "has the rights of an administrator" in line.text
    assert "Unset GUARDIANFLOW_FENCE" in line.fix


def test_a_home_that_cannot_be_fenced_is_bad_and_named(lines: Iterator[Line], home: Home) -> None:
    line = next(lines)
    assert line.level is Level.BAD
    assert "read the secret key" in line.text
    assert line.fix


def test_the_probe_leaves_nothing_and_changes_nothing(
    lines: Iterator[Line], home: Home, fenced: None, settings: Settings
) -> None:
    experiment = Path(home.experiment().path)
    before = {path: path.stat().st_mtime_ns for path in experiment.rglob("*")}
    mode = home.path.stat().st_mode
    names = sorted(os.listdir(home.path))
    list(lines)
    assert {path: path.stat().st_mtime_ns for path in experiment.rglob("*")} == before
    assert home.path.stat().st_mode == mode
    assert sorted(os.listdir(home.path)) == names


def test_a_home_below_the_users_own_is_a_warning(
    home: Home, fenced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home.path.parent))
    reported = [line for line in isolation.scripts() if "cannot create entries" in line.text]
    assert [line.level for line in reported] == [Level.WARN]
    assert str(home.path.parent) in reported[0].text


def test_many_rules_are_a_warning(
    home: Home, fenced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "MAX_RULES", 5)
    reported = [line for line in isolation.scripts() if "rules" in line.text]
    assert [line.level for line in reported] == [Level.WARN]


def test_a_python_that_does_not_start_is_reported(home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_PYTHON = "/nowhere/python"
    [line] = isolation.scripts()
    assert line.level is Level.BAD
    assert "/nowhere/python" in line.text


def test_every_attempt_has_its_words() -> None:
    assert set(isolation.WORDS) == set(ATTEMPTS)

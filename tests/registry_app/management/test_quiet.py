"""Commands print no log lines about what went well."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.core.management import call_command, load_command_class
from pytest_django.fixtures import Settings

from portal.cli import PORTAL_VERBS, REGISTRY_VERBS, VERBS
from registry_app.management.quiet import QuietCommand
from tests.factories import make_directory

# A service, whose log is for whoever runs it, and a command that prints a file.
OTHERS = {"up", "script-helper"}


def app_of(verb: str) -> str:
    if verb in PORTAL_VERBS:
        return "portal"
    return "registry_app" if verb in REGISTRY_VERBS else "runs_app"


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - OTHERS))
def test_every_command_has_a_quiet_log(verb: str) -> None:
    assert isinstance(load_command_class(app_of(verb), VERBS[verb]), QuietCommand)


@pytest.mark.django_db
@pytest.mark.parametrize("is_asked", [False, True])
def test_a_decision_is_logged_only_if_a_level_was_requested(
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_asked: bool,
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "pictures", {"a.jpg": ""})
    monkeypatch.delenv("GUARDIANFLOW_LOG_LEVEL", raising=False)
    caplog.set_level(logging.INFO, logger="registry_app")
    if is_asked:
        monkeypatch.setenv("GUARDIANFLOW_LOG_LEVEL", "INFO")
    call_command("scan_experiments", "--never", str(tmp_path / "pictures"))
    assert ("decided" in caplog.text) is is_asked
    assert logging.getLogger("registry_app").level == logging.INFO

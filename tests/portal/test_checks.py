"""What the portal says about its set-up before it starts."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from portal import environment


def own(*, deploy: bool = False) -> dict[str, CheckMessage]:
    messages = run_checks(include_deployment_checks=deploy)
    return {
        str(message.id): message for message in messages if str(message.id).startswith("portal.")
    }


@pytest.fixture(autouse=True)
def sound(settings: Settings, tmp_path: Path) -> None:
    """A set-up about which there is nothing to say."""
    for name in ("home", "experiments"):
        (tmp_path / name).mkdir()
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "experiments"]


def test_a_sound_set_up_has_nothing_to_say() -> None:
    assert own(deploy=True) == {}


def test_a_home_that_cannot_be_written_is_an_error(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path / "gone"
    output = own()
    assert list(output) == ["portal.E001"]
    assert output["portal.E001"].is_serious()
    assert "GUARDIANFLOW_HOME" in str(output["portal.E001"].hint)


def test_a_key_that_others_may_read_is_reported(tmp_path: Path) -> None:
    key = tmp_path / "home" / "secret_key"
    key.write_text("x" * 50)
    key.chmod(0o644)
    assert str(key) in str(own()["portal.W001"].hint)
    key.chmod(0o600)
    assert own() == {}


def test_a_python_that_is_gone_is_an_error(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_PYTHON = str(tmp_path / "python")
    assert list(own()) == ["portal.E002"]


def test_a_root_that_is_missing_is_no_error(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "elsewhere"]
    output = own()
    assert list(output) == ["portal.W002"]
    assert not output["portal.W002"].is_serious()
    assert "GUARDIANFLOW_ROOTS" in str(output["portal.W002"].hint)


def test_roots_inside_the_home_are_fine(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "home" / "demo"]
    settings.GUARDIANFLOW_ROOTS[0].mkdir()
    assert own() == {}


def test_debugging_pages_are_an_error(settings: Settings) -> None:
    settings.DEBUG = True
    assert own()["portal.E003"].is_serious()


def test_answering_to_every_name_is_reported(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert list(own()) == ["portal.W005"]


def test_a_short_token_is_reported(settings: Settings) -> None:
    settings.GUARDIANFLOW_METRICS_TOKEN = "1234"
    assert list(own()) == ["portal.W006"]


def test_passwords_in_the_clear_are_reported_on_deploying(settings: Settings) -> None:
    settings.GUARDIANFLOW_URL = "http://portal.example"
    assert own() == {}
    assert list(own(deploy=True)) == ["portal.W007"]
    settings.GUARDIANFLOW_URL = "https://portal.example"
    settings.GUARDIANFLOW_TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.1")]
    assert own(deploy=True) == {}


def test_a_proxy_that_is_not_believed_is_reported_on_deploying(settings: Settings) -> None:
    settings.GUARDIANFLOW_URL = "https://portal.example"
    assert list(own(deploy=True)) == ["portal.W008"]


def test_a_log_level_that_does_not_exist_stops_the_start() -> None:
    assert environment.log_level({}) == "INFO"
    assert environment.log_level({"GUARDIANFLOW_LOG_LEVEL": "debug"}) == "DEBUG"
    with pytest.raises(ImproperlyConfigured, match="give one of DEBUG, INFO"):
        environment.log_level({"GUARDIANFLOW_LOG_LEVEL": "loud"})


@pytest.mark.processes
def test_the_command_of_django_says_it_too(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "portal.settings")
    monkeypatch.setenv("GUARDIANFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUARDIANFLOW_ROOTS", str(tmp_path / "elsewhere"))
    manage = Path(settings.BASE_DIR) / "manage.py"
    done = subprocess.run(
        [sys.executable, str(manage), "check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "portal.W002" in done.stderr

"""Keeping services alive, with small real programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from portal.serving import services
from portal.serving.services import Service, keeper_of, running
from runs_app.system.keeper import Keeper
from tests.processes import alive, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

WAITS = "import time; print('started', flush=True); time.sleep(600)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(600)"
)

KEEPER = """\
import os, sys, time, django
django.setup()
from portal.serving.services import Service, keeper_of
argv = (sys.executable, "-c", {code!r})
keeper = keeper_of(Service(name="web", argv=argv, environment=dict(os.environ)))
keeper.keep()
print(keeper.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.GUARDIANFLOW_HOME = tmp_path
    return tmp_path


def program(code: str, name: str = "web") -> Service:
    return Service(name=name, argv=(sys.executable, "-c", code), environment=dict(os.environ))


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    keeper = keeper_of(program(WAITS))
    yield keeper
    keeper.kill()


def process_of(keeper: Keeper) -> psutil.Process:
    assert keeper.process is not None
    return psutil.Process(keeper.process.pid)


def has_printed(service: Service, text: str) -> bool:
    return service.log.exists() and text in service.log.read_text()


def test_all_end_at_the_end_and_a_deaf_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "STOP_LIMIT_S", 0.5)
    deaf, polite = program(DEAF, "deaf"), program(WAITS, "polite")
    with running([deaf, polite]) as keepers:
        killed = keepers[0].process
        wait_until(
            lambda: has_printed(deaf, "deaf") and has_printed(polite, "started"), what="both run"
        )
        processes = [process_of(keeper) for keeper in keepers]
    assert not alive(processes)
    assert killed is not None
    assert killed.returncode == -signal.SIGKILL


def test_all_end_when_the_caller_breaks() -> None:
    started = []

    def break_off() -> None:
        with running([program(WAITS)]) as [keeper]:
            started.append(process_of(keeper))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert started
    assert not alive(started)


def test_services_have_sessions_and_logs_of_their_own(keeper: Keeper, home: Path) -> None:
    keeper.keep()
    wait_until(lambda: has_printed(program(WAITS), "started"), what="it speaks")
    pid = process_of(keeper).pid
    assert os.getsid(pid) == pid
    log = home / "logs" / "web.log"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_has_grown_long_is_set_aside(
    keeper: Keeper, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LOG_LIMIT_BYTES", 3)
    (home / "logs").mkdir()
    (home / "logs" / "web.log").write_text("a long story\n")
    keeper.keep()
    assert (home / "logs" / "web.log.1").read_text() == "a long story\n"
    wait_until(lambda: has_printed(program(WAITS), "started"), what="the new log begins")
    assert "story" not in program(WAITS).log.read_text()


def test_services_end_when_their_keeper_is_killed(home: Path, tmp_path: Path) -> None:
    """A keeper in a process of its own, killed without a chance to tidy up."""
    code = KEEPER.format(code=WAITS)
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(home),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    service = psutil.Process(int(parent.stdout.readline()))
    wait_until(lambda: has_printed(program(WAITS), "started"), what="the service runs")
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_alive(service), what="the service ends too")

"""Keeping services alive, with small real programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from pytest_django import Settings

from portal import services
from portal.services import Keeper, Service, running
from tests.portal.processes import alive, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

WAITS = "import time; print('started', flush=True); time.sleep(600)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(600)"
)
WITH_CHILD = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; "
    "time.sleep(600)']); print('started', flush=True); time.sleep(600)"
)

KEEPER = """\
import os, sys, time, django
django.setup()
from portal.services import Keeper, Service
argv = (sys.executable, "-c", {code!r})
keeper = Keeper(Service(name="web", argv=argv, environment=dict(os.environ)))
keeper.keep()
print(keeper.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.GUARDIANFLOW_HOME = tmp_path
    monkeypatch.setattr(services, "FIRST_WAIT_S", 0.05)
    return tmp_path


def program(code: str, name: str = "web") -> Service:
    return Service(name=name, argv=(sys.executable, "-c", code), environment=dict(os.environ))


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    keeper = Keeper(program(WAITS))
    yield keeper
    keeper.kill()


def process_of(keeper: Keeper) -> psutil.Process:
    assert keeper.process is not None
    return psutil.Process(keeper.process.pid)


def has_said(service: Service, text: str) -> bool:
    return service.log.exists() and text in service.log.read_text()


def test_a_service_that_dies_is_started_again(keeper: Keeper) -> None:
    keeper.keep()
    first = process_of(keeper)
    first.kill()

    def is_another() -> bool:
        keeper.keep()
        return keeper.is_alive and process_of(keeper).pid != first.pid

    wait_until(is_another, what="it is started again")


def test_one_that_fails_again_and_again_is_started_later_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "FIRST_WAIT_S", 1000.0)
    monkeypatch.setattr(services, "LONGEST_WAIT_S", 3000.0)
    now = 0.0
    monkeypatch.setattr("portal.services.time", SimpleNamespace(monotonic=lambda: now))
    keeper = Keeper(program("raise SystemExit(1)"))
    waits = []
    for _failure in range(4):
        keeper.keep()
        process = keeper.process
        assert process is not None
        wait_until(lambda: not keeper.is_alive, what="it fails", limit_s=30)
        waits.append(keeper.keep())
        assert keeper.process is None
        now += waits[-1]
    assert waits == [1000, 2000, 3000, 3000]


def test_what_a_dead_service_left_behind_is_ended() -> None:
    keeper = Keeper(program(WITH_CHILD))
    keeper.keep()
    wait_until(lambda: has_said(keeper.service, "started"), what="it has a child")
    children = process_of(keeper).children()
    assert len(children) == 1
    process_of(keeper).kill()
    wait_until(lambda: not keeper.is_alive, what="it is dead")
    wait_until(lambda: not alive(children), what="so is its child")


def test_all_end_at_the_end_and_a_deaf_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "STOP_LIMIT_S", 0.5)
    deaf, polite = program(DEAF, "deaf"), program(WAITS, "polite")
    with running([deaf, polite]) as keepers:
        wait_until(lambda: has_said(deaf, "deaf") and has_said(polite, "started"), what="both run")
        processes = [process_of(keeper) for keeper in keepers]
    assert not alive(processes)
    assert [keeper.process.returncode for keeper in keepers if keeper.process] == [
        -signal.SIGKILL,
        -signal.SIGTERM,
    ]


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
    wait_until(lambda: has_said(keeper.service, "started"), what="it speaks")
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
    wait_until(lambda: has_said(keeper.service, "started"), what="the new log begins")
    assert "story" not in keeper.service.log.read_text()


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
    wait_until(lambda: has_said(program(WAITS), "started"), what="the service runs")
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_alive(service), what="the service ends too")

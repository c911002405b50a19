"""Keeping processes alive, with small real programs."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from runs_app.system import keeper as keeping
from runs_app.system.keeper import Keeper, stop
from tests.waiting import wait_until

pytestmark = pytest.mark.processes

WAITS = "import time; print('started', flush=True); time.sleep(600)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('started', flush=True); time.sleep(600)"
)
WITH_CHILD = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; "
    "time.sleep(600)']); print('started', flush=True); time.sleep(600)"
)


class Stage:
    """Programs, each under a keeper and with a log of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keepers: list[Keeper] = []

    def keeper(self, code: str) -> Keeper:
        log = self._log(len(self.keepers))

        def start() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                return subprocess.Popen(
                    [sys.executable, "-c", code],
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )

        self.keepers.append(Keeper(f"service{len(self.keepers)}", start))
        return self.keepers[-1]

    def run(self, code: str) -> Keeper:
        """Return the keeper of a program that has come so far as to say so."""
        log = self._log(len(self.keepers))
        keeper = self.keeper(code)
        keeper.keep()
        wait_until(lambda: "started" in log.read_text(), what="it has started")
        return keeper

    def _log(self, number: int) -> Path:
        return self.folder / f"{number}.log"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(keeping, "FIRST_WAIT_S", 0.05)
    stage = Stage(tmp_path)
    yield stage
    stop(stage.keepers, limit_s=0)


def process_of(keeper: Keeper) -> psutil.Process:
    assert keeper.process is not None
    return psutil.Process(keeper.process.pid)


def test_one_that_dies_is_started_again(stage: Stage) -> None:
    keeper = stage.run(WAITS)
    first = process_of(keeper)
    first.kill()

    def is_another() -> bool:
        keeper.keep()
        return keeper.is_alive and process_of(keeper).pid != first.pid

    wait_until(is_another, what="it is started again")


def test_one_that_fails_again_and_again_is_started_later_each_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FIRST_WAIT_S", 1000.0)
    monkeypatch.setattr(keeping, "MAX_WAIT_S", 3000.0)
    now = 0.0
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: now))
    keeper = stage.keeper("raise SystemExit(1)")
    waits = []
    for _failure in range(4):
        keeper.keep()
        process = keeper.process
        assert process is not None
        wait_until(lambda: not keeper.is_alive, what="it fails")
        waits.append(keeper.keep())
        assert keeper.process is None
        now += waits[-1]
    assert waits == [1000, 2000, 3000, 3000]
    monkeypatch.undo()


def test_one_that_lives_but_gives_no_sign_is_replaced(stage: Stage) -> None:
    keeper = stage.run(WAITS)
    keeper._beats, keeper._silent_s = (lambda: "the same"), 0.2
    first = keeper.process
    assert first is not None
    first.send_signal(signal.SIGSTOP)

    def is_replaced() -> bool:
        keeper.keep()
        return keeper.process is not None and keeper.process.pid != first.pid

    wait_until(is_replaced, what="another runs")
    assert first.returncode == -signal.SIGKILL


# It is looked at every 20 s, and what is seen first is news.
@pytest.mark.parametrize(
    ("beats", "works", "ends_after_s"),
    [
        pytest.param(True, False, None, id="it gives signs of life"),
        pytest.param(False, False, 220, id="it hangs"),
        pytest.param(False, True, 1840, id="it works, without a sign of life for too long"),
        pytest.param(True, True, None, id="it does both"),
    ],
)
def test_how_long_one_may_be_silent(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    *,
    beats: bool,
    works: bool,
    ends_after_s: float | None,
) -> None:
    now, signs, used = 0.0, itertools.count(), itertools.count()
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(keeping, "_cpu_ticks", lambda _pid: next(used) if works else 7)
    keeper = stage.run(WAITS)
    keeper._beats, keeper._silent_s = (lambda: next(signs) if beats else "the same"), 180
    first = keeper.process
    while keeper.process is first and now < 5000:
        now += 20
        keeper.keep()
    assert (None if now >= 5000 else now) == ends_after_s
    monkeypatch.undo()


def test_a_process_that_works_is_known_by_its_cpu_time(stage: Stage) -> None:
    busy = process_of(stage.run("print('started', flush=True)\nwhile True: pass"))
    first = keeping._cpu_ticks(busy.pid)
    wait_until(lambda: keeping._cpu_ticks(busy.pid) > first, what="it uses the CPU")
    busy.suspend()
    wait_until(lambda: busy.status() == psutil.STATUS_STOPPED, what="it is stopped")
    stopped_at = keeping._cpu_ticks(busy.pid)
    assert keeping._cpu_ticks(busy.pid) == stopped_at
    busy.resume()


def test_one_that_gives_signs_of_life_stays(stage: Stage) -> None:
    keeper, signs = stage.run(WAITS), itertools.count()
    keeper._beats, keeper._silent_s = (lambda: next(signs)), 0
    first = keeper.process
    for _ in range(5):
        keeper.keep()
    assert keeper.process is first


def test_what_a_dead_one_left_behind_is_ended(stage: Stage) -> None:
    keeper = stage.run(WITH_CHILD)
    [child] = process_of(keeper).children()
    process_of(keeper).kill()
    wait_until(lambda: not keeper.is_alive, what="it is dead")
    wait_until(
        lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE,
        what="so is its child",
    )


def test_all_are_asked_to_stop_and_a_deaf_one_is_killed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keepers = [_deaf, polite] = [stage.run(DEAF), stage.run(WAITS)]
    looks = itertools.count()

    def until_the_polite_one_has_ended() -> float:
        """The time, of which only so much passes: the limit is over when that has happened."""
        return 0 if next(looks) == 0 or polite.is_alive else 2

    clock = SimpleNamespace(monotonic=until_the_polite_one_has_ended, sleep=time.sleep)
    monkeypatch.setattr(keeping, "time", clock)
    stop(keepers, limit_s=1)
    assert [keeper.process.returncode for keeper in keepers if keeper.process] == [
        -signal.SIGKILL,
        -signal.SIGTERM,
    ]

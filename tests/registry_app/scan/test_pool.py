"""Whatever a file does to the process that reads it, the scan goes on without that file."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from registry_app.exceptions import ScanError
from registry_app.scan import pool as scan_pool
from registry_app.scan import process
from registry_app.scan.pool import Done, Pool
from registry_app.scan.protocol import Limits, Outcome, Request
from registry_app.scan.scanned import decode
from tests.factories import make_directory
from tests.registry_app.scan.hostile_reader import BLOCKS, EATS, GO, SPINS

pytestmark = pytest.mark.processes

TRAIN = "model.fit()\n"
# More of the processor than a step of 2 s could have.
SLOW_IMPORTS = """
import time
from registry_app.scan import reader as scan_reader
drafter = scan_reader._drafter
def slow_drafter():
    began_s = time.process_time()
    while time.process_time() < began_s + 3.5:
        pass
    return drafter()
scan_reader._drafter = slow_drafter
scan_reader.main()
"""
HOSTILE_READER = ("-B", "-s", "-P", "-m", "tests.registry_app.scan.hostile_reader")


def request_for(directory: Path) -> Request:
    return Request(name=directory.name, directory=str(directory), path=str(directory))


def read(pool: Pool, *directories: Path) -> dict[str, Done]:
    done = pool.run(request_for(item) for item in directories)
    return {item.request.name: item for item in done if item is not None}


def scripts(done: Done) -> list[str]:
    return [script.entry.path for script in decode(done.draft).scripts]


def warnings(done: Done) -> tuple[str, ...]:
    return tuple(str(message) for message in decode(done.draft).warnings)


def pids(pool: Pool) -> list[int]:
    return [reader.pid for reader in pool.readers]


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture
def blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory at whose `blocks.py` readers wait for the test."""
    monkeypatch.setattr(process, "PROGRAM", HOSTILE_READER)
    return make_directory(tmp_path, "blocked", {"train.py": TRAIN, BLOCKS: TRAIN})


@pytest.fixture
def usual(tmp_path: Path) -> Path:
    return make_directory(tmp_path, "usual", {"train.py": TRAIN})


def test_a_file_that_takes_too_long_is_left_out_with_the_reason(
    tmp_path: Path, usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROGRAM", HOSTILE_READER)
    hostile = make_directory(tmp_path, "hostile", {"train.py": TRAIN, SPINS: TRAIN})
    with Pool(1, limits=Limits(step_cpu_s=2)) as pool:
        found = read(pool, hostile, usual)
    assert scripts(found["hostile"]) == scripts(found["usual"]) == ["train.py"]
    assert warnings(found["hostile"]) == ("spins.py: skipped: reading it took longer than 2 s",)
    assert found["hostile"].lasting  # the next scan need not wait for it again


@pytest.mark.proof
def test_the_imports_of_a_reader_are_no_part_of_a_step(
    usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROGRAM", ("-B", "-s", "-P", "-c", SLOW_IMPORTS))
    with Pool(1, limits=Limits(step_cpu_s=2)) as pool:
        assert scripts(read(pool, usual)["usual"]) == ["train.py"]


def test_a_file_that_needs_too_much_memory_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROGRAM", HOSTILE_READER)
    hostile = make_directory(tmp_path, "hostile", {"train.py": TRAIN, EATS: TRAIN})
    with Pool(1, limits=Limits(memory_bytes=2**30)) as pool:
        found = read(pool, hostile)
    assert scripts(found["hostile"]) == ["train.py"]
    assert warnings(found["hostile"]) == ("eats.py: skipped: reading it takes too much memory",)


@pytest.mark.parametrize("sign", [signal.SIGSEGV, signal.SIGABRT])
def test_a_file_that_ends_its_reader_is_left_out(blocked: Path, sign: signal.Signals) -> None:
    with Pool(1) as pool:
        found = act_at_the_block(pool, blocked, sign)
    assert scripts(found) == ["train.py"]
    assert f"it crashed the process that read it ({sign.name})" in warnings(found)[0]


def test_a_reader_that_was_killed_reads_again_before_a_file_is_blamed(blocked: Path) -> None:
    with Pool(1) as pool:
        found = act_at_the_block(pool, blocked, signal.SIGKILL, times=2)
        assert "SIGKILL" in warnings(found)[0]
        assert not found.lasting  # it may have been chance
        found = act_at_the_block(pool, blocked, signal.SIGKILL, times=1)
    assert warnings(found) == ()
    assert scripts(found) == [BLOCKS, "train.py"]


def test_a_reader_that_hangs_is_replaced(
    blocked: Path, usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead_s = 0.0

    def put_the_clock_forward() -> None:
        nonlocal ahead_s
        ahead_s += Limits().step_wall_s

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead_s)
    monkeypatch.setattr(process, "time", clock)
    with Pool(1) as pool:
        found = act_at_the_block(pool, blocked, signal.SIGSTOP, then=put_the_clock_forward)
        assert "made no progress for 120 s" in warnings(found)[0]
        assert scripts(read(pool, usual)["usual"]) == ["train.py"]


def act_at_the_block(
    pool: Pool,
    directory: Path,
    sign: signal.Signals,
    *,
    times: int = 1,
    then: Callable[[], None] = lambda: None,
) -> Done:
    """Read a directory and send a signal to `times` readers that wait at `blocks.py`.

    Those that come later may go on.
    """
    (directory / GO).unlink(missing_ok=True)
    struck: set[int] = set()
    answers: list[Done] = []
    for done in pool.run([request_for(directory)], look_every_s=0.01):
        answers += [done] if done else []
        for reader in pool.readers:
            if (
                reader.place.read()[1] == BLOCKS
                and len(struck) < times
                and reader.pid not in struck
            ):
                struck.add(reader.pid)
                os.kill(reader.pid, sign)
                then()
        if len(struck) == times:
            (directory / GO).touch()
    assert len(struck) == times
    [answer] = answers
    return answer


def test_leaving_the_pool_ends_every_reader(blocked: Path) -> None:
    with Pool(2) as pool:
        running = pool.run([request_for(blocked), request_for(blocked)], look_every_s=0.01)
        next(running)
        known = pids(pool)
        assert len(known) == 2
    assert all(is_gone(pid) for pid in known)


def test_a_directory_that_cannot_be_listed_is_reported(tmp_path: Path, usual: Path) -> None:
    with Pool(1) as pool:
        found = read(pool, tmp_path / "gone", usual)
    assert found["gone"].reply.outcome is Outcome.UNREADABLE
    assert "No such file" in str(found["gone"].reply.problem)
    assert scripts(found["usual"]) == ["train.py"]


def test_readers_that_cannot_start_end_the_scan_with_their_own_words(
    usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROGRAM", ("-c", "raise SystemExit('no such module')"))
    with Pool(1) as pool, pytest.raises(ScanError, match="no such module"):
        read(pool, usual)


def test_names_that_are_no_utf_8_come_through(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xc7\xd0\xbd\xc0")
    make_directory(Path(odd), "usual", {"train.py": TRAIN})
    with Pool(1) as pool:
        assert scripts(read(pool, Path(odd) / "usual")["usual"]) == ["train.py"]


def test_nothing_of_the_environment_is_handed_on(
    usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "geheim")
    with Pool(1) as pool:
        read(pool, usual)
        environment = Path(f"/proc/{pids(pool)[0]}/environ").read_bytes()
    assert b"geheim" not in environment
    assert b"PYTHONHASHSEED=0" in environment


def test_a_reader_that_holds_much_memory_is_replaced_after_its_answer(
    usual: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Pool(1) as pool:
        read(pool, usual)
        (first,) = pids(pool)
        monkeypatch.setattr(scan_pool, "REPLACED_ABOVE_BYTES", 1)
        assert scripts(read(pool, usual)["usual"]) == ["train.py"]
        assert pids(pool) == []
        assert is_gone(first)
        assert scripts(read(pool, usual)["usual"]) == ["train.py"]


def test_without_a_request_no_reader_is_started() -> None:
    with Pool(2) as pool:
        assert list(pool.run([])) == []
        assert pool.readers == []


def test_what_is_the_same_is_not_drafted_again(usual: Path) -> None:
    with Pool(1) as pool:
        first = read(pool, usual)["usual"]
        known = first.reply.known
        assert known is not None
        again = replace(request_for(usual), known=known)
        answers = [item for item in pool.run([again]) if item]
    assert answers[0].reply.outcome is Outcome.UNCHANGED
    assert answers[0].draft == b""

"""A script that empties its own log is noticed, whatever it prints afterwards."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs_app.runner.guards.log_cuts import LogWatch, has_mark
from tests.runs_app.runner.scripts import run_to_its_end

EVERYDAY = (
    "echo first; echo second > /dev/stderr; echo out > /dev/stdout; echo e1 >&2; "
    "echo e2 | tee /dev/stderr; echo last"
)


def run_by_shell(base: Path, code: str) -> tuple[bool, bool]:
    """Return whether output was said to be cut, and whether it may have been."""
    _, record = run_to_its_end(base, "", argv=("/bin/sh", "-c", code))
    return record.stdout_cut_bytes + record.stderr_cut_bytes > 0, record.log_may_be_cut


@pytest.mark.processes
@pytest.mark.parametrize("fence", [{}, {"mode": "portal", "hide": ["/nowhere/portal"]}])
def test_the_everyday_shell_is_told_of(tmp_path: Path, fence: dict[str, object]) -> None:
    folder, record = run_to_its_end(tmp_path, "", argv=("/bin/sh", "-c", EVERYDAY), fence=fence)
    assert record.why == "exited"
    assert b"first" not in folder.stdout.read_bytes()
    assert record.stdout_cut_bytes >= len("first\n") or record.log_may_be_cut


@pytest.mark.processes
def test_python_that_opens_its_output_by_path_is_told_of(tmp_path: Path) -> None:
    code = (
        "print('loss 0.5', flush=True); f = open('/dev/stdout', 'w'); f.write('a far longer line')"
    )
    _, record = run_to_its_end(tmp_path, code)
    # How much is known where the supervisor was woken before the script wrote again.
    assert record.stdout_cut_bytes == len("loss 0.5\n") or record.log_may_be_cut


@pytest.mark.processes
@pytest.mark.parametrize(
    "harmless",
    [
        "for i in 1 2 3; do echo $i; echo e >&2; done",
        "echo a; echo b >> /dev/stdout; echo c >> /dev/stderr; echo d",
        "echo the first on this output > /dev/stderr",
        "echo out; cat /dev/stdout > /dev/null",
    ],
)
def test_what_removes_nothing_is_not_reported(tmp_path: Path, harmless: str) -> None:
    assert run_by_shell(tmp_path, harmless) == (False, False)


@pytest.fixture(params=["", "/dev/shm"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A log as scripts inherit it, on a disk and in memory."""
    path = Path(request.param, f"cut-{os.getpid()}.log") if request.param else tmp_path / "out"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    before = signal.signal(signal.SIGIO, lambda *_: None)  # a supervisor waits for it
    yield path, descriptor
    signal.signal(signal.SIGIO, before)
    os.close(descriptor)
    path.unlink()


def test_each_cut_counts_what_was_known(log: tuple[Path, int]) -> None:
    path, descriptor = log
    watch = LogWatch([descriptor])
    os.write(descriptor, b"0123456789")
    watch.look()
    for line in (b"much longer than what was cut", b"abc"):
        with path.open("wb") as again:
            again.write(line)
        watch.look()
    watch.end()
    assert watch.cut_bytes == [10 + 29]
    assert watch.may_be_cut == [False]


@pytest.mark.parametrize("seen_bytes", [0, 4, 10])
@pytest.mark.parametrize("after", [b"", b"a longer line than before"])
def test_a_late_event_does_not_count_a_cut_twice(
    log: tuple[Path, int], monkeypatch: pytest.MonkeyPatch, seen_bytes: int, after: bytes
) -> None:
    path, descriptor = log
    watch = LogWatch([descriptor])
    for part in (b"0123456789"[:seen_bytes], b"0123456789"[seen_bytes:]):
        watch.look()
        os.write(descriptor, part)
    path.open("wb").close()
    with monkeypatch.context() as late:
        late.setattr(watch, "_events", lambda: ([0], [0]))
        watch.look()
    watch.look()
    with path.open("ab") as again:
        again.write(after)
    watch.end()
    assert watch.cut_bytes == [10]
    assert watch.may_be_cut == [False]


@pytest.mark.parametrize("sizes", [(10, 20, 30), (30, 20, 10), (10, 10, 10)])
@pytest.mark.parametrize("is_late", [False, True])
def test_what_is_printed_between_two_cuts_counts(
    log: tuple[Path, int], monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], is_late: bool
) -> None:
    path, descriptor = log
    watch = LogWatch([descriptor])
    for size in sizes:
        os.write(descriptor, b"x" * size)
        watch.look()
        path.open("wb").close()
        if is_late:
            with monkeypatch.context() as late:
                late.setattr(watch, "_events", lambda: ([0], [0]))
                watch.look()
        watch.look()
    watch.end()
    assert watch.cut_bytes == [sum(sizes)]
    assert watch.may_be_cut == [False]


def test_nothing_stays_reserved(log: tuple[Path, int]) -> None:
    path, descriptor = log
    watch = LogWatch([descriptor])
    if not has_mark(descriptor):
        pytest.skip("this file system reserves nothing beyond the end of a file")
    os.write(descriptor, b"epoch 1\n")
    watch.end()
    assert not has_mark(descriptor)
    assert path.read_bytes() == b"epoch 1\n"


def test_a_user_without_inotify_still_hears_of_a_cut(
    log: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, descriptor = log
    monkeypatch.setattr(LogWatch, "_subscribed", lambda watch: None)
    watch = LogWatch([descriptor])
    os.write(descriptor, b"0123456789")
    with path.open("wb") as again:
        again.write(json.dumps({"loss": 0.25}).encode())
    watch.end()
    assert watch.cut_bytes == [10]

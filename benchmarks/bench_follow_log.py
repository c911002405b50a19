"""The cost of following the output of a running script for its metrics.

    .venv/bin/python benchmarks/bench_follow_log.py

A log grows at a fixed rate, and the follower polls it as often as in a worker. The CPU time of the
follower's thread is measured, so that other load on the machine hardly changes the figures. A
log is read at the end with and without passing over lines that are known to hold no result.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from registry_app.results.curves import Curves
from registry_app.results.logs.quiet import QuietLines
from registry_app.results.logs.reader import LogReader
from runs_app.runner.outputs.live_log import LiveLog

LOOK_EVERY_S = 2.0
LOOKS = 10
MB = 1_000_000
RATES = {"10 kB/s": 10_000, "1 MB/s": MB, "10 MB/s": 10 * MB}
GOALS = {"10 kB/s": 0.001, "1 MB/s": 0.06, "10 MB/s": 0.06}
END_BYTES = 10 * MB


def loader(number: int) -> str:
    """A line of a data loader: no result."""
    return (
        f"2026-11-29 09:{number % 60:02d}:11,123 INFO loader worker {number % 8} read shard "
        f"{number} of /data/train/{number:06d}.jpg in the cache\n"
    )


def step(number: int) -> str:
    """A line of a training loop that prints each step."""
    return (
        f"epoch {number // 100} iter {number} loss: {1 / (1 + number % 977):.4f} lr: 0.001 "
        f"acc: {number % 983 / 983:.4f}\n"
    )


def listed(number: int) -> str:
    """A line such as a listing of settings has, with words that results have too: no result."""
    return (
        f"INFO: worker {number % 16} applied {number} of the previous maps in 0.{number % 97} s\n"
    )


def unlike(number: int) -> str:
    """A line whose words never come again: no result."""
    name = sha256(str(number).encode()).hexdigest()
    return (
        f"[loader] {name[:12]} read from /data/{name[12:14]}/{name[14:]}.jpg in {number % 7} ms\n"
    )


def mixed(number: int) -> str:
    """Mostly a data loader; every twentieth line is a step."""
    return loader(number) if number % 20 else step(number)


def bar(number: int) -> str:
    """A progress bar that overwrites itself, and ends with its epoch."""
    end = "\n" if number % 200 == 199 else "\r"
    return (
        f"Epoch {number // 200}: {number % 200 // 2:3d}%|####      | {number % 200}/200 "
        f"[00:01<00:03, 33.1it/s, loss={1 / (1 + number % 977):.3f}]{end}"
    )


KINDS: dict[str, Callable[[int], str]] = {
    "data loader": loader,
    "listed lines": listed,
    "no line like another": unlike,
    "loader and steps": mixed,
    "every line a step": step,
    "progress bar": bar,
}


def main() -> None:
    """Print each figure with its goal."""
    for name, line in KINDS.items():
        for rate, bytes_per_s in RATES.items():
            share, sampled = followed(line, bytes_per_s)
            print(
                f"{name}, {rate}: {share:.2%} of a core (goal {GOALS[rate]:.1%}), "
                f"{'sampled' if sampled else 'every line'}"
            )
        fast, slow = read_at_the_end(line), read_at_the_end(line, quiet=EveryLineParsed())
        print(
            f"{name}, read at the end: {fast:.1f} MB/s, {fast / slow:.1f} times every line parsed"
        )


def followed(line: Callable[[int], str], bytes_per_s: int) -> tuple[float, bool]:
    """Return the share of a core that following uses, and whether it had to sample."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stdout.log")
        pieces = written(line, int(bytes_per_s * LOOK_EVERY_S))
        log = LiveLog(path, "stdout", every_s=LOOK_EVERY_S)
        used_s = 0.0
        for _look in range(LOOKS):
            with path.open("ab") as out:
                out.write(next(pieces))
            begin_s = time.thread_time()
            log.series()
            used_s += time.thread_time() - begin_s
        return used_s / (LOOKS * LOOK_EVERY_S), log.is_sampled


class EveryLineParsed(QuietLines):
    """Passes over no line."""

    def find(self, data: bytes) -> None:
        return None


def read_at_the_end(line: Callable[[int], str], *, quiet: QuietLines | None = None) -> float:
    """Return how many MB of a whole log are read in a second of CPU time."""
    data = next(written(line, END_BYTES))
    reader, curves = LogReader(quiet), Curves()
    begin_s = time.thread_time()
    for start in range(0, len(data), 2**18):
        curves.add_all(reader.feed(data[start : start + 2**18]))
    curves.add_all(reader.end())
    return len(data) / MB / (time.thread_time() - begin_s)


def written(line: Callable[[int], str], count_bytes: int) -> Iterator[bytes]:
    """Yield the same number of bytes of output again and again."""
    number, rest = 0, b""
    while True:
        while len(rest) < count_bytes:
            rest += "".join(line(number + item) for item in range(1000)).encode()
            number += 1000
        yield rest[:count_bytes]
        rest = rest[count_bytes:]


if __name__ == "__main__":
    main()

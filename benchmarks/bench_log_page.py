"""The cost of the log of a run in the browser: viewers of a log that grows, and finding places.

    .venv/bin/python benchmarks/bench_log_page.py

Two processes of the web server serve a run whose log grows by 1 MB/s, and viewers ask as the page
does. The CPU time of the server is measured, so that other load hardly changes these figures. Then
a log of 500 MB is searched through the server; these are times of a clock.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench_portal import BenchPortal, wait_for

MB = 1_000_000
RATE_BYTES_S, VIEWERS, SECONDS = MB, 10, 20
# As the page asks.
NEWS_EVERY_S, MORE_AFTER_S, STATE_EVERY_S = 1.0, 0.1, 3.0
HUGE_BYTES = 500 * MB
GOALS = {"viewer": 0.03, "literal": 1.0, "any case": 3.0}
PROCESSES = 2


class Viewer:
    """One page that shows the end of a log."""

    def __init__(self, port: int, cookie: str, page: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip, deflate"}
        self._page = page
        self.seen = hashlib.sha256()
        self.bytes = self.requests = self.skipped = 0

    def get(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", self._page + path, headers=self._headers)
        self.requests += 1
        answer = self._connection.getresponse()
        assert answer.status == 200, (answer.status, path)
        return answer

    def follow(self, stop: threading.Event) -> None:
        """Ask until `stop`, then until all is seen."""
        end, state_at = "0", 0.0
        while True:
            answer = self.get(f"log/stdout/?from={end}")
            data = answer.read()
            self.seen.update(data)
            self.bytes += len(data)
            self.skipped += int(answer.headers["X-Log-Skipped"])
            end, size = answer.headers["X-Log-End"], answer.headers["X-Log-Size"]
            if stop.is_set() and end == size:
                return
            if time.monotonic() >= state_at:
                self.get("state/").read()
                state_at = time.monotonic() + STATE_EVERY_S
            stop.wait(NEWS_EVERY_S if end == size else MORE_AFTER_S)

    def found(self, query: str) -> float:
        """Return how long the first hit took, or the end of the search."""
        began_s = time.monotonic()
        while True:
            for line in self.get(f"log/stdout/search/?{query}"):
                row = json.loads(line)
                if "hit" in row or row.get("is_end"):
                    self._connection.close()
                    return time.monotonic() - began_s

    def gone_after(self, query: str, seconds: float) -> None:
        """Search, and close the connection after some seconds."""
        answer = self.get(f"log/stdout/search/?{query}")
        until = time.monotonic() + seconds
        while time.monotonic() < until and answer.readline():
            pass
        self._connection.close()


@contextmanager
def serving() -> Iterator[tuple[int, list[psutil.Process]]]:
    """Start the processes of the web server that `up` starts."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        argv = [sys.executable, "-m", "portal.serving.web_server", str(door.fileno())]
        servers = [subprocess.Popen(argv, pass_fds=[door.fileno()]) for _ in range(PROCESSES)]
        port = door.getsockname()[1]
        try:
            yield port, [psutil.Process(server.pid) for server in servers]
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def cpu_s(servers: list[psutil.Process]) -> float:
    return sum(sum(server.cpu_times()[:2]) for server in servers)


def make_run(name: str) -> tuple[str, Path]:
    """Return the address of a running run, and its folder."""
    from registry_app.models import Experiment
    from runs_app.models import Run

    experiment = Experiment.objects.create(name=name, path=f"/nowhere/{name}")
    run = Run.objects.create(experiment=experiment, type="train", script="train.py")
    run.folder.mkdir(parents=True)
    return f"/admin/runs_app/run/{run.pk}/", run.folder


def log_in() -> str:
    """Return the cookie of a viewer's session."""
    from django.conf import settings
    from django.contrib.auth.models import Group, User
    from django.test import Client

    user = User.objects.create_user("viewer", is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def lines(number: int) -> bytes:
    return b"".join(
        b"epoch %d iter %d loss: 0.%04d lr: 0.001 acc: 0.%03d images/s 120.3\n"
        % (item // 1000, item, item % 9973, item % 983)
        for item in range(number, number + 1000)
    )


def grow(log: Path, stop: threading.Event) -> None:
    """Write RATE_BYTES_S to a log, ten times a second."""
    number, rest, began_s, written = 0, b"", time.monotonic(), 0
    with log.open("ab", buffering=0) as file:
        while not stop.wait(0.1):
            wanted = int((time.monotonic() - began_s) * RATE_BYTES_S) - written
            while len(rest) < wanted:
                rest += lines(number)
                number += 1000
            file.write(rest[:wanted])
            written, rest = written + wanted, rest[wanted:]


def watch(port: int, servers: list[psutil.Process], cookie: str, viewers: int) -> None:
    """Let viewers follow a log that grows; print what each cost and whether anything was missed."""
    page, folder = make_run(f"watched by {viewers}")
    log = folder / "stdout.log"
    log.touch()
    over, seen = threading.Event(), threading.Event()
    pages = [Viewer(port, cookie, page) for _ in range(viewers)]
    threads = [threading.Thread(target=item.follow, args=(seen,)) for item in pages]
    writer = threading.Thread(target=grow, args=(log, over))
    pages[0].get("state/").read()
    before_s, began_s = cpu_s(servers), time.monotonic()
    for item in [writer, *threads]:
        item.start()
    time.sleep(SECONDS)
    used_s, took_s = cpu_s(servers) - before_s, time.monotonic() - began_s
    requests = sum(item.requests for item in pages)
    over.set()
    writer.join()
    seen.set()
    for thread in threads:
        thread.join()
    whole = hashlib.sha256(log.read_bytes()).digest()
    complete = sum(item.seen.digest() == whole and not item.skipped for item in pages)
    print(
        f"{viewers} viewers of 1 MB/s: {used_s / took_s / viewers:.1%} of a core each (goal "
        f"{GOALS['viewer']:.0%}), {requests / took_s / viewers:.1f} requests a second each, "
        f"{complete} saw every byte"
    )


def find(port: int, servers: list[psutil.Process], cookie: str) -> None:
    """Print how long finding a place takes in a huge log."""
    page, folder = make_run("huge")
    mark = "Zeitgeist 손실"
    part = b"".join(lines(number * 1000) for number in range(20))
    with (folder / "stdout.log").open("wb") as file:
        for _part in range(HUGE_BYTES // len(part)):
            file.write(part)
        file.write(f"{mark} here\n".encode())
    viewer = Viewer(port, cookie, page)
    for name, query, goal in (
        ("literal at the end, first time", f"q={quote(mark)}", None),
        ("literal at the end", f"q={quote(mark)}", GOALS["literal"]),
        ("any case", f"q={quote(mark.upper())}&fold=1", GOALS["any case"]),
        ("not there", "q=nowhere", None),
        ("no error, first time", "errors=1", None),
        ("no error, again", "errors=1", None),
    ):
        took_s = min(viewer.found(query) for _ in range(1 if "first" in name else 3))
        print(f"500 MB, {name}: {took_s:.2f} s" + (f" (goal {goal:.0f} s)" if goal else ""))
    for name, path in (
        ("the tail", "log/stdout/"),
        ("to the middle", "log/stdout/place/?go=50%25"),
        ("to a line", "log/stdout/place/?go=5000000"),
    ):
        began_s = time.monotonic()
        viewer.get(path).read()
        print(f"500 MB, {name}: {time.monotonic() - began_s:.3f} s")
    before_s = cpu_s(servers)
    viewer.gone_after("q=nowhere", 0.2)
    left_s = cpu_s(servers)
    wait_for(lambda: _is_idle(servers))
    print(
        f"500 MB, reader gone after 0.2 s: {left_s - before_s:.2f} s of CPU before and "
        f"{cpu_s(servers) - left_s:.2f} s after that"
    )
    memory = max(server.memory_info().rss for server in servers) / MB
    print(f"memory of a server process afterwards: {memory:.0f} MB")


def _is_idle(servers: list[psutil.Process]) -> bool:
    before_s = cpu_s(servers)
    time.sleep(0.3)
    return cpu_s(servers) - before_s < 0.02


def main() -> None:
    """Print each figure with its goal."""
    with tempfile.TemporaryDirectory() as base:
        BenchPortal(Path(base), GUARDIANFLOW_URL="http://127.0.0.1:8000")
        os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        cookie = log_in()
        with serving() as (port, servers):
            wait_for(lambda: _answers(port))
            watch(port, servers, cookie, 1)
            watch(port, servers, cookie, VIEWERS)
            find(port, servers, cookie)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main()

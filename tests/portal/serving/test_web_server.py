"""The server that `up` starts, with real sockets: clients that are slow, many or too large."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.serving import web_server
from tests.portal.processes import status_of
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

LOGIN = "POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SESSION = "Cookie: guardianflow_session_8000=abc\r\n"
ANONYMOUS_BYTES = 64 * 2**10
MIB = 2**20


@dataclass(frozen=True)
class Web:
    """One process of the server, on a port of its own, with its temporary files in a folder."""

    port: int
    spool: Path

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}/admin/login/"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def status_of_request(self, head: str, *, body_bytes: int = 0) -> str:
        """Send a request, as much of the body as is taken, and return the status line."""
        with self.connect() as client:
            client.sendall(f"{head}\r\n".encode())
            try:
                for _count in range(0, body_bytes, MIB):
                    client.sendall(b"x" * min(MIB, body_bytes))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has refused already and does not read on
            try:
                return client.recv(4096).decode().partition("\r\n")[0]
            except ConnectionResetError:
                return "closed"


# Tests are dealt out one by one: for a module it would start anew for nearly each of them.
@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Web]:
    home, spool = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("spool")
    shutil.copy(empty_database, home / "portal.sqlite3")
    environment = os.environ | {
        "GUARDIANFLOW_HOME": str(home),
        "GUARDIANFLOW_ROOTS": str(spool),
        "GUARDIANFLOW_URL": "http://127.0.0.1:8000",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "TMPDIR": str(spool),
    }
    environment.pop("DATABASE_URL", None)
    with socket.socket() as door, (home / "web.log").open("wb") as log:
        door.bind(("127.0.0.1", 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.serving.web_server", str(door.fileno())],
            env=environment,
            cwd=Path(__file__).parents[3],
            pass_fds=(door.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        web = Web(port=door.getsockname()[1], spool=spool)
    try:
        wait_until(
            lambda: status_of(web.page) == 200 or process.poll() is not None, what="it answers"
        )
        assert process.poll() is None, (home / "web.log").read_text()
        yield web
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_forty_slow_bodies_and_sixty_half_sent_headers_hold_up_no_other_client(web: Web) -> None:
    """More than the server has threads, many times over; they are open while others are served."""
    with ExitStack() as opened:
        slow = [opened.enter_context(web.connect()) for _number in range(40)]
        half = [opened.enter_context(web.connect()) for _number in range(60)]
        for client in slow:
            client.sendall(f"{LOGIN}Content-Length: 60000\r\n\r\nusername=".encode())
        for client in half:
            client.sendall(LOGIN.encode())
        for _again in range(5):
            assert status_of(web.page) == 200
            for client in (*slow, *half):
                client.sendall(b"x")  # still there, and still not done
        assert not any(_has_an_answer(client) for client in (*slow, *half))


def _has_an_answer(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1))
    except BlockingIOError:
        return False


@pytest.mark.parametrize("path", ["/admin/login/", "/i18n/setlang/", "/nowhere", "/healthz"])
def test_a_large_body_of_an_unknown_user_is_refused_before_it_is_stored(
    web: Web, path: str
) -> None:
    before = _written(web)
    output = web.status_of_request(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {200 * MIB}\r\n",
        body_bytes=200 * MIB,
    )
    assert output in {"HTTP/1.1 413 Request Entity Too Large", "closed"}
    assert _written(web) == before == []
    assert status_of(web.page) == 200


@pytest.mark.parametrize(
    ("cookie", "size_bytes", "status"),
    [
        ("", ANONYMOUS_BYTES, 403),  # small enough; the token of the form is missing
        ("", ANONYMOUS_BYTES + 1, 413),
        # A cookie that names no session gets past the server, and not past the portal.
        (SESSION, ANONYMOUS_BYTES + 1, 413),
        (SESSION, web_server.MAX_BODY_BYTES + 1, 413),
    ],
)
def test_the_limits_are_exact(web: Web, cookie: str, size_bytes: int, status: int) -> None:
    head = f"{LOGIN}{cookie}Content-Length: {size_bytes}\r\n"
    with web.connect() as client:
        client.sendall(f"{head}\r\n".encode())
        if size_bytes < MIB:
            client.sendall(b"x" * size_bytes)
        assert client.recv(4096).split()[1] == str(status).encode()


def test_chunks_without_a_length_are_counted(web: Web) -> None:
    with web.connect() as client:
        client.sendall(f"{LOGIN}Transfer-Encoding: chunked\r\n\r\n".encode())
        client.sendall(b"20000\r\n" + b"x" * 0x20000 + b"\r\n")
        assert client.recv(4096).split()[1] == b"413"


def test_headers_without_an_end_are_refused(web: Web) -> None:
    with web.connect() as client:
        client.sendall(LOGIN.encode() + b"X-Long: " + b"x" * web_server.MAX_HEADER_BYTES)
        assert client.recv(4096).split()[1] == b"431"


def _written(web: Web) -> list[Path]:
    return [path for path in web.spool.rglob("*") if path.is_file()]

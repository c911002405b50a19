"""A small HTTP server in front of MLflow that answers 500 on request."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_PASSED_ON = ("Content-Type", "Accept")


class FailingServer(ThreadingHTTPServer):
    """Answers 500 where `fails` says so of a method and a path; passes on the rest.

    `refused` are the paths that it failed at.
    """

    daemon_threads = True

    def __init__(self, fails: Callable[[str, str], bool], upstream: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fails = fails
        self.upstream = upstream
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def failing(fails: Callable[[str, str], bool], upstream: str = "") -> Iterator[FailingServer]:
    """Provide such a server on a loopback port of its own."""
    server = FailingServer(fails, upstream)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FailingServer

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.fails(self.command, self.path):
            self.server.refused.append(self.path)
            self._send(500, b'{"error_code": "INTERNAL_ERROR", "message": "no"}')
        elif not self.server.upstream or self.path == "/health":  # a probe waits for seconds only
            self._send(200, b"OK")
        else:
            self._pass_on(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def _pass_on(self, body: bytes) -> None:
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        request = urllib.request.Request(  # noqa: S310  # of loopback
            self.server.upstream + self.path,
            data=body if self.command != "GET" else None,
            headers=headers,
            method=self.command,
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                self._send(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            self._send(error.code, error.read())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""

"""A git service over https on this machine, with a token and a certificate of its own."""

from __future__ import annotations

import http.server
import os
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.registry_app.sync.git.remote import git


@dataclass(frozen=True, kw_only=True)
class Service:
    """Where it is, by which certificate it is known, and what it was sent."""

    url: str
    certificate: Path
    proxy: str
    authorizations: list[str | None] = field(default_factory=list)
    tunnels: list[str] = field(default_factory=list)


@contextmanager
def served(repository: Path, folder: Path) -> Iterator[Service]:
    """Serve a bare repository by git's own http-backend, and a proxy to it."""
    certificate, key = folder / "own.pem", folder / "own.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    git(repository, "config", "http.receivepack", "true")
    service = Service(url="", certificate=certificate, proxy="")
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _backend(repository, service))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    backend.socket = context.wrap_socket(backend.socket, server_side=True)
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _proxy(service))
    threads = [threading.Thread(target=server.serve_forever) for server in (backend, proxy)]
    for thread in threads:
        thread.start()
    try:
        yield Service(
            url=f"https://localhost:{backend.server_port}/{repository.name}",
            certificate=certificate,
            proxy=f"http://127.0.0.1:{proxy.server_port}",
            authorizations=service.authorizations,
            tunnels=service.tunnels,
        )
    finally:
        for server, thread in zip((backend, proxy), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def _backend(repository: Path, service: Service) -> type[http.server.BaseHTTPRequestHandler]:
    class Backend(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name of the base class
            sent = self.headers.get("Authorization")
            service.authorizations.append(sent)
            if sent is None:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _mark, query = self.path.partition("?")
            variables = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(repository.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "REMOTE_USER": "portal",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            data = self._body()
            if not variables["CONTENT_LENGTH"]:
                variables["CONTENT_LENGTH"] = str(len(data))
            done = subprocess.run(
                ["git", "http-backend"],
                input=data,
                env=variables,
                capture_output=True,
                check=False,
            )
            head, _blank, body = done.stdout.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(lines.pop("Status", "200 OK").split()[0]))
            for name, value in lines.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    return Backend


def _proxy(service: Service) -> type[http.server.BaseHTTPRequestHandler]:
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            service.tunnels.append(self.path)
            host, _colon, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as other:
                self.send_response(200)
                self.end_headers()
                ends = [self.connection, other]
                while True:
                    for end in select.select(ends, [], [])[0]:
                        data = end.recv(65536)
                        if not data:
                            return
                        ends[end is ends[0]].sendall(data)

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    return Proxy

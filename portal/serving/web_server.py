"""One process of the web server that `up` starts: `python -m portal.serving.web_server DESCRIPTOR`.

It listens on a socket that it inherits and shares with its siblings. Requests are received by one
thread that waits for all connections at once and reaches the portal's threads only when they are
complete, so a client that sends slowly holds up nobody. What a client may send is limited before
it is stored anywhere: docs/operations.md names the limits.
"""

from __future__ import annotations

import functools
import logging
import os
import resource
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from django.conf import settings
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer

THREADS = 4
MAX_CONNECTIONS = 1000
# A connection on which nothing is sent, and a request that is sent bit by bit.
IDLE_LIMIT_S = 60
REQUEST_LIMIT_S = 300
CLEANUP_S = 10
MAX_HEADER_BYTES = 64 * 2**10
# The largest files that people upload have 5 MiB; a form around them has a little more.
MAX_BODY_BYTES = 10 * 2**20
# What is not Python's own: the database, logs, static files, the other processes' socket.
OWN_DESCRIPTORS = 100


class Parser(HTTPRequestParser):
    """A request as it comes in; one without the cookie of a session may send a small body only."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began_at = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if f"{settings.SESSION_COOKIE_NAME}=" not in self.headers.get("COOKIE", ""):
            self.adj = _small()


class Channel(HTTPChannel):
    parser_class = Parser


class Server(TcpWSGIServer):
    """The server with our limits."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        """Close idle connections, and those whose request takes too long to arrive."""
        super().maintenance(now)
        latest = time.monotonic() - REQUEST_LIMIT_S
        for channel in self.active_channels.values():
            if channel.request is not None and channel.request.began_at < latest:
                channel.will_close = True


@functools.cache
def _small() -> Adjustments:
    return Adjustments(max_request_body_size=settings.MAX_ANONYMOUS_BODY_BYTES + 1)


def make_server(application: Any, door: socket.socket) -> Server:
    """Return a server that listens on a bound socket."""
    return Server(
        application,
        _sock=door,
        sockinfo=(door.family, door.type, door.proto, door.getsockname()),
        bind_socket=False,
        threads=THREADS,
        ident=None,
        asyncore_use_poll=True,  # `select` cannot wait for descriptors from 1024 up
        connection_limit=_connection_limit(),
        channel_timeout=IDLE_LIMIT_S,
        cleanup_interval=CLEANUP_S,
        max_request_header_size=MAX_HEADER_BYTES,
        max_request_body_size=MAX_BODY_BYTES + 1,
        # Whether a request came through a proxy is for the portal to judge.
        clear_untrusted_proxy_headers=False,
    )


def _connection_limit() -> int:
    """Return how many connections may be open, after asking for as many descriptors as allowed."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OWN_DESCRIPTORS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - OWN_DESCRIPTORS)


def _stop(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    """Serve until a signal says stop; requests that are being answered get five seconds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.wsgi import application

    # Requests that wait for a thread are no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, _stop)
    door = socket.socket(fileno=int(sys.argv[1]))
    make_server(application, door).run()


if __name__ == "__main__":
    main()

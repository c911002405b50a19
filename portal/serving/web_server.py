"""One process of the web server that `up` starts: `python -m portal.serving.web_server DESCRIPTOR`.

It listens on a socket that it inherits and shares with its siblings. One thread receives requests
from all connections, and passes them to the portal's threads only when they are complete, so a
slow client holds up no other. What a client may send is limited before it is stored anywhere:
docs/operations.md lists the limits.
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
# For an idle connection, and for a request that arrives slowly.
IDLE_LIMIT_S = 60
REQUEST_LIMIT_S = 300
CLEANUP_S = 10
MAX_HEADER_BYTES = 64 * 2**10
# The largest uploads have 5 MiB; the form around them adds a little.
MAX_BODY_BYTES = 10 * 2**20
# For other open files: the database, logs, static files, the shared socket.
OWN_DESCRIPTORS = 100


class Parser(HTTPRequestParser):
    """Parse a request as it arrives; without a session cookie only a small body is accepted."""

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


def make_server(application: Any, listener: socket.socket) -> Server:
    """Return a server that listens on a bound socket."""
    return Server(
        application,
        _sock=listener,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        bind_socket=False,
        threads=THREADS,
        ident=None,
        asyncore_use_poll=True,  # `select` cannot handle descriptors from 1024 up
        connection_limit=_connection_limit(),
        channel_timeout=IDLE_LIMIT_S,
        cleanup_interval=CLEANUP_S,
        max_request_header_size=MAX_HEADER_BYTES,
        max_request_body_size=MAX_BODY_BYTES + 1,
        # The portal decides whether a request came through a trusted proxy.
        clear_untrusted_proxy_headers=False,
    )


def _connection_limit() -> int:
    """Raise the limit of descriptors as far as allowed; return how many connections may be open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OWN_DESCRIPTORS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - OWN_DESCRIPTORS)


def _stop(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    """Serve until a signal to stop; requests in progress get five seconds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.wsgi import application

    # Requests that wait for a thread are not worth a log line.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, _stop)
    listener = socket.socket(fileno=int(sys.argv[1]))
    make_server(application, listener).run()


if __name__ == "__main__":
    main()

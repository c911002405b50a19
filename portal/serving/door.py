"""The address of MLflow's pages, whose server starts when they are first opened.

MLflow takes half a minute of CPU time to start and 250 MiB to stay, and most days it is not used.
`up` holds the listening socket. The first client there lets it start the server, which inherits the
socket. Until the server accepts clients, those that wait are told so and asked to come again.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
from collections.abc import Callable

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

LOOK_AGAIN_S = 0.5
AGAIN_S = 2
MAX_REQUEST_BYTES = 2**16
# Clients are on this machine, and have sent their request when they are accepted.
REQUEST_LIMIT_S = 0.2
MAX_ANSWERS = 20
_PAGE = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{again_s}"><title>MLflow</title>
<style>:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.6 system-ui, sans-serif; margin: 20vh 1rem; text-align: center }}
</style></head>
<body>{sentences}</body></html>
"""


class Door:
    """A listening socket, and whether a server behind it has begun to accept its clients."""

    def __init__(self, listener: socket.socket, *, start: Callable[[], object]) -> None:
        """`start` is called once, when the first client is there."""
        self.listener = listener
        self._start = start
        self._has_started = self._is_open = False
        self._probe: socket.socket | None = None
        listener.setblocking(False)
        listener.listen()

    @property
    def is_closed(self) -> bool:
        """Whether nobody was there yet: then a client is worth waking up for."""
        return not self._has_started

    def look(self) -> float:
        """See who is there and do what is due; return the seconds until the next look."""
        if self._is_open:
            return math.inf
        is_waiting = bool(select.select([self.listener], [], [], 0)[0])
        if not self._has_started:
            if not is_waiting:
                return math.inf
            self._has_started = True
            self._start()
        elif is_waiting:
            self._answer_all()
            # Without a client there would be no telling whether the server accepts one.
            self._hang_up()
            self._probe = self._visit()
        else:
            # Nobody but the server can have accepted the client.
            self._is_open = True
            self._hang_up()
            return math.inf
        return LOOK_AGAIN_S

    def close(self) -> None:
        """Leave the address to the server, or to nobody."""
        self._hang_up()
        self.listener.close()

    def _visit(self) -> socket.socket:
        """Return a client of our own that waits at the door."""
        probe = socket.socket(self.listener.family)
        probe.settimeout(REQUEST_LIMIT_S)
        with contextlib.suppress(OSError):
            probe.connect(self.listener.getsockname())
            probe.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return probe

    def _hang_up(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None

    def _answer_all(self) -> None:
        for _number in range(MAX_ANSWERS):
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                client.settimeout(REQUEST_LIMIT_S)
                client.recv(MAX_REQUEST_BYTES)
                client.sendall(_answer())
                client.shutdown(socket.SHUT_WR)


def _answer() -> bytes:
    """Return the answer of a server that is not there yet: MLflow's clients try again as well."""
    sentences = ""
    for language in ("ko", "en"):
        with override(language):
            starting = _("MLflow is starting. This page opens by itself.")
            trouble = _("If it does not within a minute, logs/mlflow.log says why.")
        sentences += f'<p lang="{language}">{escape(starting)} {escape(trouble)}</p>'
    body = _PAGE.format(again_s=AGAIN_S, sentences=sentences).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Retry-After: {AGAIN_S}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body

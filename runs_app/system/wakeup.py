"""Waits for signals, sockets and a timeout at once, so that an idle process uses no CPU."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from collections.abc import Iterator

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Wakeup:
    """Whether this process was asked to stop, and a wait that a signal ends early."""

    def __init__(self) -> None:
        self.stop = False
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)

    def wait(
        self,
        timeout_s: float,
        *,
        listener: socket.socket | None = None,
        door: socket.socket | None = None,
    ) -> None:
        """Return after a signal, data on `listener`, a client at `door`, or the timeout.

        The data is read and discarded: it only signals that there is something to check. The
        client is left waiting.
        """
        watched = [self._receiver, *filter(None, (listener, door))]
        ready, _, _ = select.select(watched, [], [], timeout_s)
        for connection in ready:
            if connection is not door:
                discard(connection)

    def _note_stop(self, _number: int, _frame: object) -> None:
        self.stop = True


def discard(connection: socket.socket) -> None:
    """Read and discard all that arrived: it only said that there is something to check."""
    with contextlib.suppress(BlockingIOError):
        while connection.recv(4096, socket.MSG_DONTWAIT):
            pass


@contextlib.contextmanager
def wakeup() -> Iterator[Wakeup]:
    """Handle the signals of this process: those to stop, and SIGCHLD."""
    ours = Wakeup()
    signal.set_wakeup_fd(ours._sender.fileno(), warn_on_full_buffer=False)
    for number in STOP_SIGNALS:
        signal.signal(number, ours._note_stop)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(-1)

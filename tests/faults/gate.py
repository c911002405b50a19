"""A proxy in front of a real server that can be closed, even in the middle of a response."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

BUFFER_BYTES = 65_536


class Gate:
    """Forwards connections to a port of this machine while it is open; counts them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        # How many more pieces of answers are let through; None for all.
        self._left: int | None = None
        self.knocks = 0

    def open(self, *, answers: int | None = None) -> None:
        """Let all connections through, or only until so many pieces of answers came back."""
        self._left = answers

    def shut(self) -> None:
        """Refuse connections, and cut the open ones."""
        self._left = 0
        with self._lock:
            for item in self._open:
                with contextlib.suppress(OSError):
                    item.shutdown(socket.SHUT_RDWR)

    def serve(self) -> None:
        while True:
            try:
                caller, _address = self._listener.accept()
            except OSError:  # the end
                return
            self.knocks += 1
            threading.Thread(target=self._serve_one, args=[caller], daemon=True).start()

    def _serve_one(self, caller: socket.socket) -> None:
        with caller:
            if self._left is not None and self._left <= 0:
                return
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self._port)) as server,
            ):
                with self._lock:
                    self._open |= {caller, server}
                try:
                    self._carry(caller, server)
                finally:
                    with self._lock:
                        self._open -= {caller, server}

    def _carry(self, caller: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways until either side ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(caller, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, caller)
            while True:
                for key, _events in selector.select():
                    data = key.fileobj.recv(BUFFER_BYTES)  # type: ignore[union-attr]
                    if not data or (key.fileobj is server and not self._may_answer()):
                        return
                    key.data.sendall(data)

    def _may_answer(self) -> bool:
        with self._lock:
            if self._left is not None:
                self._left -= 1
        return self._left is None or self._left >= 0

    def end(self) -> None:
        self.shut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def standing(port: int) -> Iterator[Gate]:
    """Give an open gate in front of this port."""
    gate = Gate(port)
    thread = threading.Thread(target=gate.serve, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        gate.end()
        thread.join(10)

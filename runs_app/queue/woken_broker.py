"""The queue of django-q2 in the database, whose reader waits for a datagram between its polls.

A poll costs CPU time on an idle machine and delays each message by half its interval. Requests on
this machine wake the reader at once; the poll finds those of other machines.
"""

from __future__ import annotations

import logging
import select
import socket
import time

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from runs_app.queue import sockets
from runs_app.system.wakeup import discard

logger = logging.getLogger(__name__)


class WokenBroker(ORM):
    """Messages in the database; `dequeue` returns as soon as one was stored on this machine."""

    _listener: socket.socket | None = None
    _is_deaf = False

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Return messages, or None after a wait in which none came."""
        listener = self._listen()
        waiting = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now())
        if waiting.exists():
            found: list[tuple[int, str]] | None = super().dequeue()
            return found
        if listener is None:
            time.sleep(Conf.POLL)
        elif select.select([listener], [], [], Conf.POLL)[0]:
            discard(listener)
        return None

    def _listen(self) -> socket.socket | None:
        """Return the socket of the only process that reads messages, opened by that process."""
        if self._listener is None and not self._is_deaf:
            try:
                self._listener = sockets.listen(sockets.Listener.CLUSTER)
            except OSError as error:
                logger.warning("no socket, so messages are only found by polls error=%s", error)
            self._is_deaf = self._listener is None
        return self._listener

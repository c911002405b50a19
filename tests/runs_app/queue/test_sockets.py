"""Where the processes of a worker listen, and who wakes them."""

from __future__ import annotations

import os
import select
import socket
from pathlib import Path

import pytest
from django_q.conf import Conf
from pytest_django import Settings

from runs_app.queue import broker, sockets
from runs_app.queue.sockets import Listener
from runs_app.queue.woken_broker import WokenBroker


def test_a_worker_hears_what_is_sent_to_its_socket(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    listener = sockets.listen(Listener.TICKER)
    assert listener is not None
    path = sockets.path_of(Listener.TICKER)
    with listener, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"run", str(path))
        assert listener.recv(100) == b"run"


def test_a_socket_that_a_dead_worker_left_is_no_obstacle(
    settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    for _ in range(2):
        listener = sockets.listen(Listener.TICKER)
        assert listener is not None
        listener.close()


def test_a_home_with_a_long_path_listens_in_a_private_folder(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    settings.GUARDIANFLOW_HOME = tmp_path / ("a" * 120)
    path = sockets.path_of(Listener.TICKER)
    assert path is not None
    assert len(os.fsencode(path)) <= sockets.SOCKET_PATH_LIMIT
    assert path.parent.stat().st_mode & 0o077 == 0
    path.parent.chmod(0o777)
    assert sockets.path_of(Listener.TICKER) is None
    path.parent.rmdir()


def test_waking_no_listener_does_no_harm(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    sockets.wake(Listener.TICKER)
    sockets.listen(Listener.TICKER).close()  # type: ignore[union-attr]
    sockets.wake(Listener.TICKER)


@pytest.mark.django_db(transaction=True)
def test_a_message_wakes_the_reader_of_messages(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    monkeypatch.setattr(Conf, "POLL", 0)
    reader = WokenBroker()
    assert reader.dequeue() is None
    # Its socket says that there is a message; the reader is not asked how long it waited.
    listener = reader._listener
    assert listener is not None
    with listener:
        broker.enqueue(broker.Task.START, 4711)
        assert select.select([listener], [], [], 0)[0]
        [(_, payload)] = reader.dequeue() or []
        assert payload
        assert reader.dequeue() is None
        assert not select.select([listener], [], [], 0)[0]


@pytest.mark.django_db(transaction=True)
def test_messages_are_read_where_there_is_no_socket(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path / "missing"
    monkeypatch.setattr(Conf, "POLL", 0)
    reader = WokenBroker()
    broker.enqueue(broker.Task.START, 4711)
    assert len(reader.dequeue() or []) == 1
    assert reader.dequeue() is None

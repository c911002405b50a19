"""MLflow's address: its server starts with the first client, and the others are told to wait."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from portal.serving import door as doors
from portal.serving.door import Door


@pytest.fixture
def started() -> list[bool]:
    return []


@pytest.fixture
def door(started: list[bool]) -> Iterator[Door]:
    listener = socket.create_server(("127.0.0.1", 0))
    with closing(Door(listener, start=lambda: started.append(True))) as door:
        yield door


def visit(door: Door) -> socket.socket:
    """A client that has sent a request and waits for its answer."""
    client = socket.create_connection(door.listener.getsockname(), timeout=10)
    client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return client


def answer(client: socket.socket) -> str:
    with client:
        return b"".join(iter(lambda: client.recv(4096), b"")).decode()


def test_nothing_starts_and_nothing_wakes_up_before_somebody_is_there(
    door: Door, started: list[bool]
) -> None:
    assert (door.look(), door.is_closed, started) == (math.inf, True, [])


def test_the_first_client_starts_the_server_once(door: Door, started: list[bool]) -> None:
    with visit(door), visit(door):
        for _time in range(5):
            assert door.look() == doors.LOOK_AGAIN_S
    assert (door.is_closed, started) == (False, [True])


def test_who_waits_is_told_so_in_both_languages_and_to_come_again(door: Door) -> None:
    client = visit(door)
    door.look()
    door.look()
    told = answer(client)
    assert told.startswith("HTTP/1.1 503 ")
    assert "\r\nRetry-After: 2\r\n" in told
    assert '<meta http-equiv="refresh" content="2">' in told
    assert "MLflow is starting." in told
    assert "MLflow를 시작하는 중입니다." in told


def test_clients_belong_to_the_server_once_it_has_accepted_one(door: Door) -> None:
    with visit(door):
        door.look()
        door.listener.accept()[0].close()
        assert door.look() == math.inf
    with visit(door) as client:
        door.look()
        door.look()
        server, _address = door.listener.accept()
        with server:
            server.sendall(b"pages")
        assert client.recv(10) == b"pages"


def test_that_the_server_accepts_is_noticed_although_nobody_comes_again(door: Door) -> None:
    client = visit(door)
    door.look()
    door.look()
    answer(client)
    door.listener.accept()[0].close()
    assert door.look() == math.inf


def test_a_client_that_sends_nothing_holds_up_no_other(door: Door) -> None:
    with socket.create_connection(door.listener.getsockname()):
        client = visit(door)
        told: list[str] = []
        waiting = threading.Thread(target=lambda: told.append(answer(client)))
        waiting.start()
        while waiting.is_alive():
            door.look()
            waiting.join(0.05)
    assert told[0].startswith("HTTP/1.1 503 ")

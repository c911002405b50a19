"""Sends hostile requests, and tells which of them failed and why."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import nullcontext
from copy import deepcopy

from django.contrib.auth.models import User
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

from tests.hostile.requests import HostileRequest, Maker
from tests.permissions.roles import Role, employ
from tests.permissions.world import World


def failures(world: World, *, seed: int, count: int, keeps_gets: bool = False) -> Iterator[str]:
    """Send requests as a superuser and, each fifth, as a Viewer; give those that fail.

    Each is rolled back. With `keeps_gets` only those that may write are: PostgreSQL takes no
    further statement in a transaction in which it refused one.
    """
    boss = Client(raise_request_exception=False)
    boss.force_login(User.objects.create_superuser("boss", password="a-long-password"))
    viewer = Client(raise_request_exception=False)
    person = employ(Role.VIEWER)
    assert person is not None
    viewer.force_login(person)
    for number, request in enumerate(Maker(world, boss, seed=seed).requests(count)):
        client = viewer if number % 5 == 4 else boss
        rolls_back = not (keeps_gets and request.method == "get")
        yield from _failure(request, client, rolls_back=rolls_back)


def _failure(request: HostileRequest, client: Client, *, rolls_back: bool) -> Iterator[str]:
    causes: list[str] = []

    def keep(**_output: object) -> None:
        causes.append(traceback.format_exc(limit=-3))

    cookies = deepcopy(client.cookies)  # a new session is taken back with its row
    got_request_exception.connect(keep, weak=False)
    try:
        with transaction.atomic() if rolls_back else nullcontext():
            answer = request.send(client)
            if answer.streaming:
                b"".join(answer)
            if rolls_back:
                transaction.set_rollback(True)
    finally:
        got_request_exception.disconnect(keep)
        client.cookies = cookies
    if answer.status_code >= 500 and (causes or "/healthz" not in request.address):
        yield f"{request.method} {request.address[:300]} {request.data}\n{''.join(causes)}"

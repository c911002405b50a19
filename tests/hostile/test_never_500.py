"""Whatever stands in an address or a form, the portal answers, and never with a 500."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.contrib.auth.models import User
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

from tests.hostile.requests import HostileRequest, Maker
from tests.permissions.roles import Role, employ
from tests.permissions.world import World

pytestmark = pytest.mark.django_db

SEED = 20261128
FEW, MANY = 300, 6000
IS_FULL = os.environ.get("FULL_FUZZ") == "1"


@pytest.mark.fuzz
@pytest.mark.skipif(not IS_FULL, reason=f"{MANY} requests take minutes; FULL_FUZZ=1 sends them")
@pytest.mark.timeout(1800)
def test_no_request_of_many_is_answered_500(world: World) -> None:
    assert not list(failures(world, seed=SEED + 1, count=MANY))


def test_no_hostile_request_is_answered_500(world: World) -> None:
    assert not list(failures(world, seed=SEED, count=FEW))


def failures(world: World, *, seed: int, count: int) -> Iterator[str]:
    """Send requests as a superuser and, each fifth, as a Viewer; give those that fail."""
    boss = Client(raise_request_exception=False)
    boss.force_login(User.objects.create_superuser("boss", password="a-long-password"))
    viewer = Client(raise_request_exception=False)
    person = employ(Role.VIEWER)
    assert person is not None
    viewer.force_login(person)
    for number, request in enumerate(Maker(world, boss, seed=seed).requests(count)):
        yield from _failure(request, viewer if number % 5 == 4 else boss)


def _failure(request: HostileRequest, client: Client) -> Iterator[str]:
    causes: list[str] = []

    def keep(**_said: object) -> None:
        causes.append(traceback.format_exc(limit=-3))

    cookies = deepcopy(client.cookies)  # a new session is taken back with its row
    got_request_exception.connect(keep, weak=False)
    try:
        with transaction.atomic():
            answer = request.send(client)
            if answer.streaming:
                b"".join(answer)
            transaction.set_rollback(True)
    finally:
        got_request_exception.disconnect(keep)
        client.cookies = cookies
    if answer.status_code >= 500 and (causes or "/healthz" not in request.address):
        yield f"{request.method} {request.address[:300]} {request.data}\n{''.join(causes)}"

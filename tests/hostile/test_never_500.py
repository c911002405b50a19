"""Whatever an address or a form contains, the portal answers, and never with a 500."""

from __future__ import annotations

import os

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from tests.databases import used
from tests.hostile.sending import failures
from tests.permissions.world import World, build
from tests.postgres import Server
from tests.runs_app.conftest import Home

SEED = 20261128
FEW, MANY, MOST, MANY_ON_POSTGRESQL = 300, 2000, 20_000, 1000
IS_FULL = os.environ.get("FULL_FUZZ") == "1"
full = [
    pytest.mark.fuzz,
    pytest.mark.skipif(not IS_FULL, reason="thousands take minutes; FULL_FUZZ=1 sends them"),
    pytest.mark.timeout(3600),
]
MIGRATED = "hostile"


@pytest.mark.django_db
@pytest.mark.first
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("seed", "count"),
    [
        (SEED, FEW),
        pytest.param(SEED + 1, MANY, marks=full),
        pytest.param(SEED + 3, MOST, marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
)
def test_no_hostile_request_is_answered_500(world: World, seed: int, count: int) -> None:
    assert not list(failures(world, seed=seed, count=count))


@pytest.mark.postgres
@pytest.mark.fuzz
@pytest.mark.skipif(not IS_FULL, reason="thousands take minutes; FULL_FUZZ=1 sends them")
@pytest.mark.timeout(3600)
def test_postgresql_refuses_none_of_them_either(
    home: Home, postgres: Server, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), used(postgres.create(MIGRATED)):
        call_command("migrate", verbosity=0)
        found = failures(build(home), seed=SEED + 2, count=MANY_ON_POSTGRESQL, keeps_gets=True)
        assert not list(found)
    postgres.drop(MIGRATED)

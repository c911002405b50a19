"""What has happened since the last visit; a visit is reported, never recorded by opening a page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from portal.home.visits import PAUSE, since_last_visit
from portal.models import Visit
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from tests.factories import make_experiment, make_member

pytestmark = pytest.mark.django_db
REPORT = "/admin/home/visit/"


@pytest.fixture
def jiwoo() -> User:
    return make_member("PM", "jiwoo")


def visited(user: User, *, ago: timedelta, before: timedelta | None = None) -> None:
    now = timezone.now()
    earlier = now - before if before is not None else None
    Visit.objects.update_or_create(user=user, defaults={"at": now - ago, "before": earlier})


def test_opening_the_page_writes_nothing_and_its_form_reports_the_visit(
    jiwoo: User, client: Client
) -> None:
    client.force_login(jiwoo)
    make_experiment()
    text = client.get("/admin/").text
    assert f'<form method="post" action="{REPORT}" data-report hidden>' in text
    assert not Visit.objects.exists()
    assert client.get(REPORT).status_code == 405
    assert client.post(REPORT).status_code == 204
    assert Visit.objects.get().before is None
    client.post(REPORT)
    assert Visit.objects.get().before is None, "the same visit goes on"


def test_a_visit_after_a_pause_is_another_one(jiwoo: User, client: Client) -> None:
    visited(jiwoo, ago=timedelta(days=1))
    left_at = Visit.objects.get().at
    client.force_login(jiwoo)
    for _look in range(2):
        client.post(REPORT)
        assert Visit.objects.get().before == left_at


def test_reports_need_the_secret_of_the_page(jiwoo: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(jiwoo)
    assert client.post(REPORT).status_code == 403
    assert not Visit.objects.exists()


def test_what_others_did_since_the_last_visit_is_counted(jiwoo: User) -> None:
    assert since_last_visit(jiwoo) is None, "on the first visit everything is new"
    visited(jiwoo, ago=timedelta(hours=20))
    for by in (None, jiwoo):
        with change_set(ChangeOrigin.ADMIN, by=by):
            make_experiment(f"sampyo-{by}", zone=None)
    found = since_last_visit(jiwoo)
    assert found is not None
    assert (found.changes, found.experiments, found.runs) == (1, 2, 0)


def test_during_a_visit_it_stays_the_time_of_the_one_before(jiwoo: User) -> None:
    visited(jiwoo, ago=timedelta(minutes=5), before=timedelta(days=3))
    found = since_last_visit(jiwoo)
    assert found is not None
    assert timezone.now() - found.since > timedelta(days=2)
    visited(jiwoo, ago=PAUSE + timedelta(minutes=1), before=timedelta(days=3))
    found = since_last_visit(jiwoo)
    assert found is not None
    assert timezone.now() - found.since < timedelta(days=2)

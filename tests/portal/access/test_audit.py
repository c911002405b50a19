"""What Administrators read of log-ins, rights and what runs execute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.access import audit
from portal.access.audit_events import Filters, Kind
from portal.models import AppendOnlyError, AuditEntry, RightsKind
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from tests.factories import make_entry_point, make_experiment, make_member, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/portal/auditentry/"


@pytest.fixture
def jiwoo(client: Client) -> User:
    """An administrator who is logged in, without a trace of how."""
    user = make_member("Administrator", "jiwoo")
    client.force_login(user)
    AccessLog.objects.all().delete()
    AuditEntry.objects.all()._raw_delete(AuditEntry.objects.db)
    return user


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


def notes(**filters: Any) -> list[tuple[str, str, dict[str, Any]]]:
    rows = AuditEntry.objects.filter(**filters).order_by("pk")
    return list(rows.values_list("kind", "subject", "detail"))


def test_the_groups_of_a_colleague_are_noted_with_who_changed_them(
    client: Client, jiwoo: User
) -> None:
    User.objects.filter(pk=jiwoo.pk).update(is_superuser=True)
    minsu = make_user("minsu")
    engineers = Group.objects.get(name="Engineer")
    form = {
        "username": "minsu",
        "is_active": "on",
        "is_staff": "on",
        "groups": [engineers.pk],
        **{f"{name}_{part}": "" for name in ("last_login", "date_joined") for part in "01"},
        "date_joined_0": "2026-11-01",
        "date_joined_1": "10:00:00",
        "_save": "",
    }
    answer = client.post(f"/admin/auth/user/{minsu.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert notes(subject="minsu", by="jiwoo") == [
        (RightsKind.USER_CHANGED, "minsu", {"is_staff": [False, True]}),
        (RightsKind.GROUPS_OF_USER, "minsu", {"added": ["Engineer"]}),
    ]
    shown = words(client.get(PAGE))
    assert "Groups of an account changed" in shown
    assert "Engineer" in shown


def test_every_way_of_changing_rights_is_noted(jiwoo: User) -> None:
    group = Group.objects.create(name="Guests")
    user = make_user("sora", is_superuser=True)
    permission = Permission.objects.get(codename="view_run")
    group.permissions.add(permission)
    group.user_set.add(user)
    user.user_permissions.set([permission])
    user.is_superuser = False
    user.set_password("another one")
    user.save()
    user.user_permissions.clear()
    user.groups.remove(group)
    group.name = "Visitors"
    group.save()
    user.delete()
    group.delete()
    output = [(kind, subject) for kind, subject, _detail in notes()]
    assert output == [
        (RightsKind.GROUP_ADDED, "Guests"),
        (RightsKind.USER_ADDED, "sora"),
        (RightsKind.PERMISSIONS_OF_GROUP, "Guests"),
        (RightsKind.GROUPS_OF_USER, "sora"),
        (RightsKind.PERMISSIONS_OF_USER, "sora"),
        (RightsKind.USER_CHANGED, "sora"),
        (RightsKind.PERMISSIONS_OF_USER, "sora"),
        (RightsKind.GROUPS_OF_USER, "sora"),
        (RightsKind.GROUP_CHANGED, "Visitors"),
        (RightsKind.USER_DELETED, "sora"),
        (RightsKind.GROUP_DELETED, "Visitors"),
    ]
    changed = notes(kind=RightsKind.USER_CHANGED)[0][2]
    assert changed == {"is_superuser": [True, False], "password": ["***", "***"]}
    assert all("another one" not in str(detail) for _kind, _subject, detail in notes())


def test_a_log_in_alone_changes_no_rights(client: Client) -> None:
    user = make_user("minsu", password="sampyo 2026", is_staff=True)
    before = AuditEntry.objects.count()
    client.post("/admin/login/", {"username": "minsu", "password": "sampyo 2026"})
    assert AccessLog.objects.filter(username=user.username).count() == 1
    assert AuditEntry.objects.count() == before


def test_what_runs_execute_is_shown_with_old_and_new(client: Client, jiwoo: User) -> None:
    experiment = make_experiment("sampyo-gimhae-bct")
    entry = make_entry_point(experiment, args_template="--epochs 3")
    with change_set(ChangeOrigin.ADMIN, by=jiwoo):
        entry.interpreter = "/usr/bin/find"
        entry.args_template = "--password hunter2 --epochs 3"
        entry.save()
        entry.timeout_s = 5
        entry.save()
        experiment.owner = "이지우"
        experiment.save()
    page = audit.page_of(Filters(kind=Kind.EXECUTES))
    changed = page.events[0]
    assert (changed.who, changed.subject) == ("jiwoo", "sampyo-gimhae-bct / Train")
    assert changed.changes == (
        ("Argument template", "--epochs 3", "--password *** --epochs 3"),
        ("Interpreter", "", "/usr/bin/find"),
    )
    assert [event.what for event in page.events] == [
        "Entry point changed",
        "Entry point added",
        "Experiment added",
    ]
    shown = words(client.get(PAGE))
    assert "/usr/bin/find" in shown
    assert "hunter2" not in shown


def test_a_scan_that_fills_the_registry_does_not_flood_the_audit(jiwoo: User) -> None:
    with change_set(ChangeOrigin.SCAN):
        make_entry_point(make_experiment("new"))
    assert audit.page_of(Filters(kind=Kind.EXECUTES)).events == ()


def test_pages_follow_each_other_without_gap_or_double(jiwoo: User) -> None:
    now = timezone.now()
    names = [f"person{number}" for number in range(120)]
    for number, name in enumerate(names):
        # Pairs of the same time, over two tables.
        model = AccessLog if number % 2 else AccessFailureLog
        row = model.objects.create(username=name, ip_address="10.0.0.1")
        model.objects.filter(pk=row.pk).update(attempt_time=now - timedelta(seconds=number // 4))
    found: list[str] = []
    begin, pages = "", 0
    while True:
        page = audit.page_of(Filters(), begin=begin)
        found += [event.who for event in page.events]
        pages += 1
        if not (begin := page.next):
            break
    assert sorted(found) == sorted(names)
    assert pages == 3


def test_the_number_of_queries_does_not_grow(client: Client, jiwoo: User) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            experiment = make_experiment(f"e{AuditEntry.objects.count()}-{number}")
            with change_set(ChangeOrigin.ADMIN, by=jiwoo):
                entry = make_entry_point(experiment)
                entry.interpreter = f"/usr/bin/python{number}"
                entry.save()
            AccessLog.objects.create(username="minsu", ip_address="10.0.0.1")
            AccessFailureLog.objects.create(username="minsu", ip_address="10.0.0.1")
            make_user(f"u{AuditEntry.objects.count()}")

    fill(2)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    fill(25)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) <= len(few)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"minsu", "sora"}),
        ({"who": "sora"}, {"sora"}),
        ({"kind": "failure"}, {"sora"}),
        ({"kind": "no such kind", "since": "no day", "until": "0001-01-01"}, {"minsu", "sora"}),
        ({"since": "2999-01-01"}, set()),
        ({"until": "1999-01-01"}, set()),
        ({"begin": "no place"}, {"minsu", "sora"}),
    ],
)
def test_the_filters_narrow_it_and_wrong_ones_are_ignored(
    client: Client, jiwoo: User, query: dict[str, str], expected: set[str]
) -> None:
    AccessLog.objects.create(username="minsu", ip_address="10.0.0.1")
    AccessFailureLog.objects.create(username="sora", ip_address="10.0.0.2")
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    assert {event.who for event in answer.context["events"]} == expected


@pytest.mark.parametrize("group", ["Viewer", "PM", "Engineer"])
def test_only_administrators_see_it(client: Client, group: str) -> None:
    client.force_login(make_member(group))
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()


def test_rows_cannot_be_changed_or_deleted(client: Client, jiwoo: User) -> None:
    User.objects.filter(pk=jiwoo.pk).update(is_superuser=True)
    make_user("minsu")
    row = AuditEntry.objects.get()
    for address in (PAGE, f"{PAGE}add/", f"{PAGE}{row.pk}/delete/", f"{PAGE}{row.pk}/change/"):
        answer = client.post(
            address, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        )
        assert answer.status_code in {302, 403, 405}
    assert AuditEntry.objects.get() == row
    row.subject = "another"
    for forbidden in (row.save, row.delete, AuditEntry.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            forbidden()
    with pytest.raises(AppendOnlyError):
        AuditEntry.objects.update(subject="another")

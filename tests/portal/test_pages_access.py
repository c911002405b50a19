"""Who may see and do what in the portal, page by page and group by group."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from registry_app.models import ScanJob
from tests.factories import make_experiment, make_member

pytestmark = pytest.mark.django_db

GROUPS = ("Viewer", "PM", "Engineer", "Administrator")
VIEWED_BY_ALL = (
    "/admin/",
    "/admin/registry_app/experiment/",
    "/admin/registry_app/customer/",
    "/admin/registry_app/site/",
    "/admin/registry_app/zone/",
    "/admin/registry_app/scanjob/",
    "/admin/registry_app/changeset/",
    "/admin/registry_app/proposal/",
    "/admin/runs_app/run/",
    "/admin/runs_app/hostheartbeat/",
)
CURATORS = {"PM", "Administrator"}


def logged_in(group: str, *, enforce_csrf_checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(make_member(group))
    return client


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_group_sees_the_lists_in_both_languages(group: str, language: str) -> None:
    make_experiment()
    client = logged_in(group)
    for page in VIEWED_BY_ALL:
        answer = client.get(page, headers={"accept-language": language})
        assert answer.status_code == 200, page
        assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("/admin/registry_app/experiment/add/", CURATORS),
        ("/admin/registry_app/customer/add/", CURATORS),
        ("/admin/registry_app/scanjob/add/", CURATORS),
        ("/admin/registry_app/experiment/import-yaml/", CURATORS),
        ("/admin/registry_app/experiment/import-spreadsheet/", CURATORS),
        ("/admin/registry_app/experiment/export/", set(GROUPS)),
        ("/admin/registry_app/experiment/export-yaml/", set(GROUPS)),
        ("/admin/auth/user/", {"Administrator"}),
        ("/admin/auth/group/", {"Administrator"}),
        ("/admin/portal/auditentry/", {"Administrator"}),
    ],
)
@pytest.mark.parametrize("group", GROUPS)
def test_pages_that_change_things_are_for_their_groups(
    group: str, page: str, allowed: set[str]
) -> None:
    expected = 200 if group in allowed else 403
    assert logged_in(group).get(page).status_code == expected


@pytest.mark.parametrize("group", GROUPS)
def test_only_those_who_curate_may_save_an_experiment(group: str) -> None:
    experiment = make_experiment()
    page = reverse("admin:registry_app_experiment_change", args=[experiment.pk])
    client = logged_in(group)
    assert client.get(page).status_code == (200 if group in CURATORS else 302)
    assert client.post(page, {}).status_code == (200 if group in CURATORS else 403)


def test_pages_redirect_anonymous_users_to_the_log_in() -> None:
    for page in (*VIEWED_BY_ALL, "/admin/registry_app/experiment/export-yaml/"):
        answer = Client().get(page)
        assert answer.status_code == 302
        assert "/admin/login/" in answer["Location"]


def test_a_scan_is_not_started_without_a_token() -> None:
    client = logged_in("PM", enforce_csrf_checks=True)
    assert client.post("/admin/registry_app/scanjob/add/").status_code == 403
    assert not ScanJob.objects.exists()


def test_the_task_queue_has_no_pages() -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "django_q"]


def test_what_runs_scripts_is_for_engineers_and_administrators() -> None:
    for codename in ("queue_run", "cancel_run"):
        groups = Group.objects.filter(permissions__codename=codename)
        assert set(groups.values_list("name", flat=True)) == {"Engineer", "Administrator"}


def test_a_viewer_changes_nothing() -> None:
    rights = Permission.objects.filter(group__name="Viewer").values_list("codename", flat=True)
    assert rights
    assert all(codename.startswith("view_") for codename in rights)


def test_an_administrator_cannot_become_a_superuser() -> None:
    boss = User.objects.create_superuser("boss", password="a-long-password")
    client = logged_in("Administrator")
    page = reverse("admin:auth_user_change", args=[boss.pk])
    assert client.post(page, {"username": "mine"}).status_code == 403
    me = User.objects.get(groups__name="Administrator")
    own = reverse("admin:auth_user_change", args=[me.pk])
    client.post(
        own,
        {
            "username": me.username,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "groups": [Group.objects.get(name="PM").pk],
            "date_joined_0": "2026-11-23",
            "date_joined_1": "10:00:00",
        },
    )
    me.refresh_from_db()
    assert not me.is_superuser
    assert list(me.groups.values_list("name", flat=True)) == ["PM"]


@pytest.mark.parametrize(
    "address",
    [
        "/admin/registry_app/scanjob/abc/change/",
        "/admin/registry_app/changeset/abc/change/",
        "/admin/registry_app/experiment/abc/runs/",
        "/admin/registry_app/experiment/abc/run-train/",
    ],
)
def test_an_address_without_a_number_leads_nowhere(address: str) -> None:
    assert logged_in("Administrator").get(address).status_code == 404

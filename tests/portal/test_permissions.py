"""Permissions are chosen in the reader's language, and none is lost by saving."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import translation

from portal.permissions import permission_name
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    ("codename", "english", "korean"),
    [
        ("view_experiment", "Registry | experiment | View", "레지스트리 | 실험 | 보기"),
        ("queue_run", "Runs | run | Run scripts", "실행 | 실행 | 스크립트 실행"),
        ("drain_host", "Runs | worker host | Drain hosts", "실행 | 워커 장비 | 배정 중지"),
    ],
)
def test_a_permission_reads_in_both_languages(codename: str, english: str, korean: str) -> None:
    row = Permission.objects.get(codename=codename)
    assert permission_name(row) == english
    with translation.override("ko"):
        assert permission_name(row) == korean


def choices_of(client: Client, page: str, field: str) -> Any:
    form = client.get(page).context["adminform"].form
    return form.fields[field].queryset


@pytest.mark.parametrize(
    ("page", "field"),
    [("/admin/auth/group/{}/change/", "permissions"), ("/admin/auth/user/{}/change/", "user")],
)
def test_only_what_opens_a_page_is_offered(root: Client, page: str, field: str) -> None:
    owner = Group.objects.get(name="PM") if field == "permissions" else make_user("jiwoo")
    name = field if field == "permissions" else "user_permissions"
    offered = choices_of(root, page.format(owner.pk), name)
    labels = {(item.content_type.app_label, item.content_type.model) for item in offered}
    assert ("runs_app", "run") in labels
    assert {app for app, _model in labels} == {"registry_app", "runs_app", "auth", "portal"}
    assert not [model for _app, model in labels if model.startswith("historical")]


def test_saving_a_group_keeps_what_is_not_offered_to_others(root: Client) -> None:
    group = Group.objects.get(name="Viewer")
    group.permissions.add(Permission.objects.get(codename="view_logentry"))
    page = f"/admin/auth/group/{group.pk}/change/"
    held = set(group.permissions.values_list("pk", flat=True))
    assert held <= {item.pk for item in choices_of(root, page, "permissions")}
    answer = root.post(page, {"name": "Viewer", "permissions": sorted(held)})
    assert answer.status_code == 302
    assert set(group.permissions.values_list("pk", flat=True)) == held


def test_what_is_deleted_with_a_group_has_a_name(root: Client) -> None:
    group = Group.objects.get(name="Viewer")
    make_user("minsu").groups.add(group)
    text = root.get(f"/admin/auth/group/{group.pk}/delete/").text
    assert "Viewer: Registry | experiment | View" in text
    assert "minsu: Viewer" in text
    assert "object (" not in text

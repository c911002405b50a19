"""A new colleague gets an account and a role in one form, and hears why a log-in is refused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "gimhae-conveyor-7"
LOGIN = "/admin/login/"


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


def add(client: Client, *groups: str) -> User:
    sent = {
        "username": "minsu",
        "first_name": "Minsu",
        "last_name": "Kim",
        "email": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "groups": [str(Group.objects.get(name=name).pk) for name in groups],
    }
    answer = client.post(reverse("admin:auth_user_add"), sent)
    assert answer.status_code == 302, answer.context["errors"]
    return User.objects.get(username="minsu")


def log_in(password: str = PASSWORD) -> tuple[int, str]:
    answer = Client().post(LOGIN, {"username": "minsu", "password": password})
    return answer.status_code, answer.content.decode()


def test_a_colleague_with_a_role_can_work_at_once(administrator: Client) -> None:
    minsu = add(administrator, "Engineer")
    assert (minsu.is_staff, minsu.is_superuser) == (True, False)
    assert [group.name for group in minsu.groups.all()] == ["Engineer"]
    assert minsu.has_perm("runs_app.queue_run")
    assert log_in()[0] == 302


def test_the_form_has_all_that_it_takes_on_one_page(administrator: Client) -> None:
    page = administrator.get(reverse("admin:auth_user_add")).content.decode()
    for name in ("username", "first_name", "email", "password1", "groups"):
        assert f'name="{name}"' in page
    assert page.count('type="checkbox" name="groups"') == Group.objects.count()


def test_one_without_a_role_hears_the_true_reason_once_the_password_is_right(
    administrator: Client,
) -> None:
    assert not add(administrator).is_staff
    status, page = log_in()
    assert status == 200
    assert "no access to the portal yet" in page
    _status, page = log_in("wrong")
    assert "no access to the portal yet" not in page


def test_when_a_user_joined_and_last_logged_in_is_not_for_editing(administrator: Client) -> None:
    minsu = make_user("minsu")
    joined = minsu.date_joined
    page = reverse("admin:auth_user_change", args=[minsu.pk])
    assert 'name="date_joined_0"' not in administrator.get(page).content.decode()
    sent = {
        "username": "minsu",
        "is_active": "on",
        "date_joined_0": "2001-01-01",
        "date_joined_1": "00:00",
        "last_login_0": "2001-01-01",
        "last_login_1": "00:00",
    }
    assert administrator.post(page, sent).status_code == 302
    minsu.refresh_from_db()
    assert (minsu.date_joined, minsu.last_login) == (joined, None)

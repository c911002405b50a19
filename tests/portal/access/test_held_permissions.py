"""What a user may do is known after one query, and is what Django says."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate, get_backends
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.access.held_permissions import HeldPermissions
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

OWN = "delete_user"


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("group", ["Viewer", "Engineer", "PM", "Administrator"])
def test_they_are_those_of_the_user_and_of_the_groups(group: str) -> None:
    user = make_member(group)
    user.user_permissions.add(Permission.objects.get(codename=OWN))
    expected = ModelBackend().get_all_permissions(again(user))
    assert f"auth.{OWN}" in expected
    assert HeldPermissions().get_all_permissions(again(user)) == expected
    with CaptureQueriesContext(connection) as asked:
        fresh = again(user)
        assert fresh.get_all_permissions() == expected
        assert fresh.has_perm("registry_app.view_experiment")
        assert not fresh.has_perm("auth.no_such")
        assert fresh.has_module_perms("runs_app")
    assert len(asked) == 2  # the user, the permissions


def test_an_inactive_user_has_none_and_nothing_is_held_for_a_single_row() -> None:
    user = make_member("Engineer")
    assert not again(user).has_perm("runs_app.view_run", user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert again(user).get_all_permissions() == set()


def test_it_logs_in_nobody(rf: RequestFactory) -> None:
    request = rf.post("/admin/login/")
    user = make_user("minsu")
    user.set_password("pw-of-minsu")
    user.save()
    assert isinstance(get_backends()[1], HeldPermissions)
    assert authenticate(request, username="minsu", password="wrong") is None
    assert authenticate(request, username="minsu", password="pw-of-minsu") == user

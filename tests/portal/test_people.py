"""The first administrator: made once, and shown once."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate as django_authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.http import HttpRequest

from portal.people import first_administrator
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def authenticate(*, username: str, password: str) -> AbstractBaseUser | None:
    """Log-ins are counted by the address of a request."""
    return django_authenticate(HttpRequest(), username=username, password=password)


def test_a_new_portal_gets_an_administrator_who_can_log_in() -> None:
    first = first_administrator()
    assert first is not None
    user = authenticate(username=first.username, password=first.password)
    assert isinstance(user, User)
    assert user.is_superuser
    assert user.is_staff


def test_the_password_is_shown_only_once_and_stays() -> None:
    first = first_administrator()
    assert first is not None
    assert first_administrator() is None
    assert authenticate(username=first.username, password=first.password) is not None


def test_a_portal_with_an_administrator_of_its_own_gets_none() -> None:
    make_user("jiwoo", is_superuser=True)
    assert first_administrator() is None
    assert not User.objects.filter(username="admin").exists()


def test_an_administrator_who_left_does_not_count() -> None:
    make_user("jiwoo", is_superuser=True, is_active=False)
    assert first_administrator() is not None


def test_the_demo_gives_its_administrator_a_new_password() -> None:
    first = first_administrator()
    again = first_administrator(new_password=True)
    assert first is not None
    assert again is not None
    assert again.username == first.username
    assert authenticate(username=again.username, password=again.password) is not None
    assert authenticate(username=first.username, password=first.password) is None


def test_a_new_password_is_not_forced_on_another_administrator() -> None:
    make_user("jiwoo", password="sampyo gimhae", is_superuser=True)
    assert first_administrator(new_password=True) is None
    assert authenticate(username="jiwoo", password="sampyo gimhae") is not None

"""The first administrator of a new portal."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

USERNAME = "admin"


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """An account and its password, which is stored nowhere else in clear text."""

    username: str
    password: str


@transaction.atomic
def first_administrator(*, new_password: bool = False) -> Administrator | None:
    """Create an administrator if there is none; `new_password` also resets the password of ours.

    Return None if there was nothing to do.
    """
    user = User.objects.select_for_update().filter(username=USERNAME).first()
    has_one = User.objects.filter(is_superuser=True, is_active=True).exists()
    if has_one and not (new_password and user is not None):
        return None
    password = secrets.token_urlsafe(12)
    user = user or User(username=USERNAME)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    return Administrator(username=USERNAME, password=password)

"""The kinds of people who send requests, and the sets of them that the table speaks of."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils.crypto import get_random_string


class Role(StrEnum):
    ANONYMOUS = "anonymous"
    INACTIVE = "inactive"
    OUTSIDER = "no staff"
    STAFF = "staff without a group"
    VIEWER = "Viewer"
    PM = "PM"
    ENGINEER = "Engineer"
    ADMINISTRATOR = "Administrator"


GROUPS = (Role.VIEWER, Role.PM, Role.ENGINEER, Role.ADMINISTRATOR)
ANONYMOUS: frozenset[Role] = frozenset()
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
CURATES = frozenset({Role.PM, Role.ADMINISTRATOR})
RUNS = frozenset({Role.ENGINEER, Role.ADMINISTRATOR})
SEES = frozenset(GROUPS)
STAFF = SEES | {Role.STAFF}
EVERYONE = frozenset(Role)

PASSWORD = "sampyo gimhae 2026"


def employ(role: Role) -> User | None:
    """Make the account of a role; a stranger has none."""
    if role is Role.ANONYMOUS:
        return None
    person = User.objects.create_user(
        f"{role.replace(' ', '-').lower()}-jiwoo",
        password=PASSWORD,
        is_staff=role is not Role.OUTSIDER,
        is_active=role is not Role.INACTIVE,
    )
    if role in GROUPS or role is Role.INACTIVE:
        group = "Administrator" if role is Role.INACTIVE else str(role)
        person.groups.add(Group.objects.get(name=group))
    return person


def browser_of(person: User | None) -> Client:
    """Return a browser that the person is logged in with; a form without its secret is refused."""
    client = Client(enforce_csrf_checks=True)
    if person is not None:
        client.force_login(person)
    client.cookies[settings.CSRF_COOKIE_NAME] = get_random_string(32)
    return client


def secret_of(client: Client) -> dict[str, str]:
    """Return what a form of this browser says against requests from elsewhere."""
    return {"csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value}

"""The people of the world, one of each group."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "sampyo gimhae 2026"


@dataclass(frozen=True, kw_only=True)
class Person:
    username: str
    group: str


ENGINEER = Person(username="minsu", group="Engineer")
COLLEAGUE = Person(username="jiho", group="Engineer")
PM = Person(username="jiwoo", group="PM")
MANAGER = Person(username="hyejin", group="Viewer")
ADMINISTRATOR = Person(username="admin", group="Administrator")
EVERYBODY = (ENGINEER, COLLEAGUE, PM, MANAGER, ADMINISTRATOR)


def employ() -> None:
    """Make their accounts."""
    from django.contrib.auth.models import Group, User

    for person in EVERYBODY:
        user = User.objects.create_user(person.username, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=person.group))

"""The migration that makes the groups."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

pytestmark = pytest.mark.django_db
migration = importlib.import_module("portal.migrations.0001_make_groups")
draining = importlib.import_module("portal.migrations.0002_let_engineers_drain_hosts")
audit = importlib.import_module("portal.migrations.0004_let_administrators_see_the_audit")
metrics = importlib.import_module("portal.migrations.0007_let_administrators_set_main_metrics")
vocabulary = importlib.import_module("portal.migrations.0010_let_managers_extend_the_vocabulary")
promotions = importlib.import_module("portal.migrations.0009_let_engineers_promote")
editor = SimpleNamespace(connection=connection)


def rights() -> dict[str, set[str]]:
    return {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }


def test_groups_are_whole_where_no_permission_was_made_yet() -> None:
    usual = rights()
    Group.objects.all().delete()
    Permission.objects.all().delete()
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    migration.make_groups(apps, editor)
    draining.let_drain(apps, editor)
    audit.allow(apps, editor)
    metrics.allow(apps, editor)
    promotions.allow(apps, editor)
    vocabulary.allow(apps, editor)
    assert rights() == usual
    assert set(usual) == {"Viewer", "PM", "Engineer", "Administrator"}


def test_django_finds_these_permissions_by_the_names_it_gives_itself() -> None:
    Permission.objects.all().delete()
    migration.make_groups(apps, editor)
    draining.let_drain(apps, editor)
    audit.allow(apps, editor)
    made = Permission.objects.in_bulk()
    for label in ("registry_app", "runs_app", "auth", "portal"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    later = Permission.objects.all()
    assert {pk: row.name for pk, row in made.items()}.items() <= {
        row.pk: row.name for row in later
    }.items()
    keys = list(later.values_list("content_type__app_label", "codename"))
    assert len(keys) == len(set(keys))


def test_making_them_again_adds_nothing_and_takes_nothing() -> None:
    before = rights()
    Group.objects.get(name="PM").permissions.add(Permission.objects.get(codename="queue_run"))
    migration.make_groups(apps, editor)
    assert rights() == {**before, "PM": before["PM"] | {"queue_run"}}
    assert Group.objects.count() == 4


def test_the_way_back_removes_these_groups_alone() -> None:
    Group.objects.create(name="Night shift")
    migration.remove_groups(apps, editor)
    assert [group.name for group in Group.objects.all()] == ["Night shift"]


def test_engineers_and_administrators_may_drain_hosts() -> None:
    assert {name for name, may in rights().items() if "drain_host" in may} == {
        "Engineer",
        "Administrator",
    }
    draining.forget(apps, editor)
    assert not any("drain_host" in may for may in rights().values())

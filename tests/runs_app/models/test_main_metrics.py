"""The main metrics that an upgrade adds to a portal that is in use."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from runs_app.comparing.default_metrics import DEFAULTS
from runs_app.models import MainMetric
from tests.factories import make_member

pytestmark = pytest.mark.django_db
FILL = import_module("runs_app.migrations.0031_give_new_task_types_main_metrics")


class Schema:
    """The part of a schema editor that the migration uses."""

    connection = connection


def test_an_upgrade_adds_what_is_missing_and_was_not_deleted() -> None:
    jiwoo = make_member("PM", "jiwoo")
    MainMetric.objects.filter(task_type__in=["gauge", "bct", "ladder"]).delete()
    MainMetric.objects.filter(task_type="opening").update(names=["own"])
    LogEntry.objects.create(
        user=jiwoo,
        content_type=ContentType.objects.get_for_model(MainMetric),
        object_id="7",
        object_repr="bct",
        action_flag=DELETION,
    )
    FILL.fill(apps, Schema)
    names = dict(MainMetric.objects.values_list("task_type", "names"))
    assert names["gauge"] == list(DEFAULTS["gauge"])
    assert names["ladder"] == list(DEFAULTS["ladder"])
    assert names["opening"] == ["own"]
    assert "bct" not in names

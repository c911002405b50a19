"""Dates and times have one form on all pages, in both languages."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.models import ScanJob
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
# What Django and the theme would write: a.m., 오전, Nov. 29, 11월, 5 minutes ago, 5분 전.
OTHERS = re.compile(
    r"\b[ap]\.m\.|오전|오후|\d월|\b(?:Jan|Feb|Nov|Dec)[.a-z]* \d"
    r"|\d+\s?(?:minutes?|seconds?) ago|\d분 전"
)
MINUTE = re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_with_a_time_has_the_one_form(client: Client, language: str) -> None:
    client.force_login(User.objects.create_superuser("jiwoo"))
    experiment = make_experiment()
    run = make_run(experiment, RunStatus.SUCCEEDED)
    with change_set(ChangeOrigin.ADMIN) as made:
        experiment.owner = "Jiwoo"
        experiment.save()
    ScanJob.objects.create()
    HostHeartbeat.objects.create(host="gpu1", boot_id="x")
    pages = [
        *(reverse(f"admin:registry_app_{name}_changelist") for name in ("changeset", "scanjob")),
        reverse("admin:runs_app_hostheartbeat_changelist"),
        reverse("admin:runs_app_run_change", args=[run.pk]),
        reverse("admin:registry_app_changeset_change", args=[made.pk]),
        reverse("admin:registry_app_experiment_history", args=[experiment.pk]),
    ]
    for address in pages:
        text = client.get(address, headers={"accept-language": language}).text
        text = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>", " ", text)
        assert MINUTE.search(text), address
        assert not OTHERS.search(text), (address, OTHERS.search(text))


def test_downloaded_files_have_the_same_day_in_their_names(client: Client) -> None:
    client.force_login(User.objects.create_superuser("jiwoo"))
    make_experiment()
    file = client.get(reverse("admin:registry_app_experiment_export_yaml"))
    sheet = client.post(
        reverse("admin:registry_app_experiment_export"), {"format": "0", "resource": "0"}
    )
    names = [
        re.search(r"experiments-\d{4}-\d\d-\d\d", answer["Content-Disposition"])
        for answer in (file, sheet)
    ]
    assert names[0] is not None
    assert names[1] is not None
    assert names[0][0] == names[1][0]

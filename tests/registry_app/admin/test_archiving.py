"""An experiment is archived on its page, for a reason, and restored there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from registry_app.models import Experiment
from tests.factories import make_experiment, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:registry_app_experiment_changelist")


def address(view: str, experiment: Experiment) -> str:
    return reverse(f"admin:registry_app_experiment_{view}", args=[experiment.pk])


def test_a_pm_archives_and_restores_an_experiment(client: Client) -> None:
    client.force_login(make_member("PM"))
    experiment = make_experiment("sampyo-bct")
    answer = client.post(address("archive", experiment), {"reason": " "}, follow=True)
    assert "say why it is archived" in answer.text
    assert Experiment.objects.exists()
    answer = client.post(address("archive", experiment), {"reason": "sold"}, follow=True)
    assert "Its runs stay, and it can be restored here." in answer.text
    assert "sold" in answer.text
    assert 'name="_save"' not in answer.text
    assert "sampyo-bct" not in client.get(LIST).text
    assert "sampyo-bct" in client.get(f"{LIST}?archived=yes").text
    answer = client.post(address("restore", experiment), follow=True)
    assert "sampyo-bct is back." in answer.text
    assert "sampyo-bct" in client.get(LIST).text
    answer = client.post(address("restore", experiment), follow=True)
    assert "Not archived: sampyo-bct" in answer.text

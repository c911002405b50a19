"""Old versions are looked at; nobody writes one back through its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet, Customer, Experiment
from tests.factories import make_experiment, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def gimhae(tmp_path: Path, settings: Any) -> Experiment:
    """Sampyo Gimhae, whose owner was Minsu and is Jiwoo now."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    experiment = make_experiment(path=str(tmp_path / "sampyo-gimhae-bct"), owner="Minsu")
    with change_set(ChangeOrigin.ADMIN, by=make_member("PM", "jiwoo"), summary="an owner"):
        experiment.owner = "Jiwoo"
        experiment.save()
    return experiment


def first_version(row: Any) -> str:
    """The address of the oldest version of a row."""
    name = f"admin:registry_app_{type(row)._meta.model_name}_simple_history"
    return reverse(name, args=[row.pk, row.history.earliest("history_id").pk])


def browser(group: str) -> Client:
    client = Client()
    client.force_login(make_member(group))
    return client


@pytest.mark.parametrize("group", ["Viewer", "Engineer", "PM", "Administrator"])
def test_a_valid_form_sent_to_an_old_version_writes_nothing(gimhae: Experiment, group: str) -> None:
    versions, sets = gimhae.history.count(), ChangeSet.objects.count()
    form = {
        "name": gimhae.name,
        "path": str(Path(gimhae.path).parent / "elsewhere"),
        "classes": "",
        "aliases": "",
        "notes": "taken",
        "_save": "Save",
    }
    assert browser(group).post(first_version(gimhae), form).status_code == 405
    assert gimhae.history.count() == versions
    assert ChangeSet.objects.count() == sets
    assert Experiment.objects.get().path == gimhae.path


def test_a_deleted_row_does_not_come_back_through_its_old_version() -> None:
    customer = Customer.objects.create(name="donghwa")
    address = first_version(customer)
    customer.delete()
    viewer = browser("Viewer")
    assert viewer.post(address, {"name": "donghwa", "aliases": ""}).status_code == 405
    assert not Customer.objects.exists()
    shown = viewer.get(address)
    assert shown.status_code == 200
    assert "This row was deleted since" in shown.text


def test_a_version_shows_what_was_said_then_and_what_is_said_now(gimhae: Experiment) -> None:
    text = browser("Viewer").get(first_version(gimhae)).text
    assert "<td>Minsu</td>" in text
    assert '<span class="gf-new">Jiwoo</span>' in text
    assert "_save" not in text


def test_a_version_leads_to_the_change_set_that_can_be_undone(gimhae: Experiment) -> None:
    newest = gimhae.history.latest("history_id")
    address = reverse(
        "admin:registry_app_experiment_simple_history", args=[gimhae.pk, newest.history_id]
    )
    page = reverse("admin:registry_app_changeset_change", args=[newest.change_set_id])
    assert f'href="{page}"' in browser("Viewer").get(address).text


def test_a_version_of_another_row_is_not_there(gimhae: Experiment) -> None:
    other = make_experiment("donghwa-ppe")
    version = other.history.latest("history_id").history_id
    address = reverse("admin:registry_app_experiment_simple_history", args=[gimhae.pk, version])
    assert browser("PM").get(address).status_code == 404


@pytest.mark.parametrize("number", ["x", "0", "9" * 30, "-1"])
def test_a_number_that_no_version_can_have_leads_nowhere(gimhae: Experiment, number: str) -> None:
    pm = browser("PM")
    base = "/admin/registry_app/experiment"
    assert pm.get(f"{base}/{gimhae.pk}/history/{number}/").status_code == 404
    assert pm.get(f"{base}/{number}/history/1/").status_code == 404
    assert pm.get(f"{base}/{number}/history/").status_code == 404

"""A page says how often people kept what scans guessed; what was answered in bulk is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from registry_app.choices import Confidence, EntryPointType, FieldSource
from registry_app.models import DecidedGuess, Experiment, FieldProvenance
from tests.factories import make_entry_point, make_experiment, make_member
from tests.registry_app.admin.test_experiments import form_of, page_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry_app/scanjob/hit-rates/"
SCAN_NOW = "/admin/registry_app/scanjob/add/"
REVIEW = "/admin/registry_app/proposal/?show=confirm"


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


@pytest.fixture
def bct(tmp_path: Path, settings: Settings) -> Experiment:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    return make_experiment("bct", path=str(tmp_path / "bct"), task_type="bct", classes=["truck"])


def guess(experiment: Experiment, *fields: str) -> None:
    for field in fields:
        FieldProvenance.objects.update_or_create(
            experiment=experiment,
            field=field,
            defaults={"source": FieldSource.SCANNED, "confidence": Confidence.LIKELY},
        )


def decide(experiment: Experiment, field: str, count: int = 1, *, is_kept: bool = True) -> None:
    DecidedGuess.objects.bulk_create(
        DecidedGuess(experiment=experiment, field=field, confidence="sure", is_kept=is_kept)
        for _number in range(count)
    )


def remembered() -> dict[str, bool]:
    return dict(DecidedGuess.objects.values_list("field", "is_kept"))


def test_an_empty_page_leads_to_the_guesses(jiwoo: Client) -> None:
    text = jiwoo.get(PAGE).text
    assert "No guess was decided singly yet." in text
    assert REVIEW in text


def test_counts_are_shown_and_percentages_of_enough_only(jiwoo: Client, bct: Experiment) -> None:
    decide(bct, "task.type", 3)
    decide(bct, "task.type", is_kept=False)
    decide(bct, "entry_points.train.type", 20)
    text = jiwoo.get(PAGE).text
    assert "3 of 4 kept</td>" in text
    assert '20 of 20 kept <span class="gf-faint">100 %</span>' in text
    assert "Train · type of a script" in text
    assert '23 of 24 kept <span class="gf-faint">95 %</span>' in text  # all values


def test_the_page_is_linked_from_the_pages_of_scans_and_guesses(jiwoo: Client) -> None:
    for address in (SCAN_NOW, REVIEW):
        assert PAGE in jiwoo.get(address).text


def test_viewers_see_it_and_strangers_do_not(client: Client) -> None:
    client.force_login(make_member("Viewer"))
    assert client.get(PAGE).status_code == 200
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_the_page_costs_the_same_queries_however_many_rows(
    jiwoo: Client, bct: Experiment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in EntryPointType.values:
        decide(bct, f"entry_points.{kind}.default", 40)
    with django_assert_max_num_queries(12):
        jiwoo.get(PAGE)


def test_a_changed_value_of_the_form_is_corrected_and_the_others_are_undecided(
    jiwoo: Client, bct: Experiment
) -> None:
    make_entry_point(bct, patterns=["train*.py"])
    guess(bct, "task.type", "task.classes", "entry_points.train.default")
    data = form_of(bct, classes="truck\nhopper") | {"entry_points-0-default_script": "train_v2.py"}
    assert jiwoo.post(page_of(bct), data).status_code == 302
    assert remembered() == {"task.classes": False, "entry_points.train.default": False}


def test_a_removed_entry_point_corrects_its_default_alone(jiwoo: Client, bct: Experiment) -> None:
    make_entry_point(bct, patterns=["train*.py"])
    guess(bct, "entry_points.train.default", "entry_points.train.patterns")
    jiwoo.post(page_of(bct), form_of(bct) | {"entry_points-0-DELETE": "on"})
    assert remembered() == {"entry_points.train.default": False}


def test_a_renamed_customer_decides_no_guess_of_its_experiments(
    jiwoo: Client, bct: Experiment
) -> None:
    guess(bct, "site.customer")
    assert bct.zone is not None
    customer = bct.zone.site.customer
    address = f"/admin/registry_app/customer/{customer.pk}/change/"
    data: dict[str, Any] = {"name": "Sampyo Cement", "sites-TOTAL_FORMS": 0}
    jiwoo.post(address, data | {"sites-INITIAL_FORMS": 0})
    customer.refresh_from_db()
    assert customer.name == "Sampyo Cement"
    assert remembered() == {}

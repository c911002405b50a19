"""Jiwoo opens the page of the migration and sees what each experiment needs next."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from runs_app.choices import RunStatus
from runs_app.models import StageChange
from runs_app.stages.notes import note_changes
from tests.factories import make_entry_point, make_experiment, make_member, make_run, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM"))
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(reverse("admin:registry_app_experiment_migration") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_experiment_has_its_next_step_and_whose_it_is(jiwoo: Client) -> None:
    make_experiment("sampyo-bct", completeness=100, confirmed=71)
    fall = make_experiment("sampyo-fall", completeness=100, confirmed=100)
    make_entry_point(fall)
    text = page(jiwoo)
    assert "2 to confirm" in text
    assert "Confirm the guesses" in text
    run = f"type=train&amp;experiment={fall.pk}"
    assert run not in text, "a PM runs no script"
    jiwoo.force_login(make_member("Engineer"))
    assert run in page(jiwoo)


def test_a_held_stage_above_the_proof_is_kept_and_shown(jiwoo: Client) -> None:
    bct = make_experiment(completeness=100, confirmed=100, stage_held=5, stage_reason="contract")
    make_entry_point(bct)
    make_run(bct, RunStatus.SUCCEEDED)
    text = page(jiwoo)
    assert "Held 5, proof says 3." in text
    assert "contract" in text
    bct.refresh_from_db()
    assert bct.stage_held == 5


def test_the_filters_leave_what_they_say(jiwoo: Client) -> None:
    here = make_experiment("here", owner="minsu")
    make_experiment("there", zone=make_zone("donghwa", "busan"), owner="")
    assert here.zone is not None
    for query, shown, hidden in (
        (f"?site={here.zone.site_id}", ">here<", ">there<"),
        ("?owner=minsu", ">here<", ">there<"),
        ("?owner=-", ">there<", ">here<"),
    ):
        text = page(jiwoo, query)
        assert shown in text
        assert hidden not in text
    assert "No experiment matches" in page(jiwoo, "?stage=5")
    assert ">here<" in page(jiwoo, "?stage=x&site=y&p=99")


def test_the_number_of_queries_does_not_grow(
    jiwoo: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make_entry_point(make_experiment(f"bct-{number}"))
    with django_assert_max_num_queries(12):
        page(jiwoo)


def test_the_page_of_an_experiment_shows_its_stages_and_their_history(jiwoo: Client) -> None:
    bct = make_experiment(completeness=100, confirmed=100)
    make_entry_point(bct)
    note_changes()
    run = make_run(bct, RunStatus.SUCCEEDED)
    note_changes()
    text = jiwoo.get(
        reverse("admin:registry_app_experiment_detail", args=[bct.pk])
    ).content.decode()
    assert f"Run {run.pk} succeeded." in text
    assert "gfd-ladder" in text
    timeline = reverse("admin:registry_app_experiment_timeline", args=[bct.pk])
    assert "Stage 2 → 3" in jiwoo.get(f"{timeline}?part=1").content.decode()
    assert StageChange.objects.count() == 1

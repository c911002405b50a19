"""The pages of promotions: Minsu requests one, Jiwoo approves it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from registry_app.models import Experiment
from runs_app.models import Promotion, StageProof
from tests.factories import make_member
from tests.runs_app.promotion.test_request import (
    evaluated,
    jiwoo,
    minsu,
    ppe,
    trained,
)

__all__ = ["jiwoo", "minsu", "ppe"]
pytestmark = pytest.mark.django_db


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def new(experiment: Experiment) -> str:
    return f"{reverse('admin:runs_app_promotion_new')}?experiment={experiment.pk}"


def test_a_file_is_chosen_requested_and_approved_by_another_person(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    run = trained(ppe)
    judge = evaluated(run)
    first = logged_in(minsu)
    text = first.get(new(ppe)).content.decode()
    assert "best.onnx" in text
    assert f"#{judge.pk}" in text
    data = {"file": run.files.get().pk, "reason": "Better hooks"}
    answer = first.post(new(ppe), data, follow=True)
    made = Promotion.objects.get()
    assert answer.redirect_chain[-1][0] == made.get_absolute_url()
    assert "another person approves it" in answer.content.decode()
    assert 'name="classes"' not in answer.content.decode()

    second = logged_in(jiwoo)
    assert "Approve</button>" in second.get(made.get_absolute_url()).content.decode()
    second.post(reverse("admin:runs_app_promotion_approve", args=[made.pk]))
    made.refresh_from_db()
    assert (made.state, made.approved_by) == ("approved", jiwoo)


def test_a_refused_request_says_all_reasons_and_keeps_what_was_typed(
    ppe: Experiment, minsu: User
) -> None:
    run = trained(ppe)
    Experiment.objects.filter(pk=ppe.pk).update(confirmed=85)
    answer = logged_in(minsu).post(new(ppe), {"file": run.files.get().pk, "reason": "Better hooks"})
    text = answer.content.decode()
    assert "is not complete and confirmed" in text
    assert "required>Better hooks</textarea>" in text
    assert not Promotion.objects.exists()


def test_classes_that_no_file_states_are_ticked(ppe: Experiment, minsu: User, jiwoo: User) -> None:
    run = trained(ppe, b"PK", "weights.pt")
    evaluated(run)
    logged_in(minsu).post(new(ppe), {"file": run.files.get().pk, "reason": "Better"})
    made = Promotion.objects.get()
    page = logged_in(jiwoo)
    address = reverse("admin:runs_app_promotion_approve", args=[made.pk])
    assert 'name="classes"' in page.get(made.get_absolute_url()).content.decode()
    page.post(address)
    made.refresh_from_db()
    assert made.state == "requested"
    page.post(address, {"classes": "on"})
    made.refresh_from_db()
    assert (made.state, made.classes_confirmed) == ("approved", True)


def test_a_promotion_in_force_is_checked_or_withdrawn(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    run = trained(ppe)
    evaluated(run)
    logged_in(minsu).post(new(ppe), {"file": run.files.get().pk, "reason": "Better"})
    made = Promotion.objects.get()
    page = logged_in(jiwoo)
    page.post(reverse("admin:runs_app_promotion_approve", args=[made.pk]))
    page.post(reverse("admin:runs_app_promotion_check", args=[made.pk]))
    assert StageProof.objects.get().asked_at is not None
    page.post(reverse("admin:runs_app_promotion_withdraw", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == "approved", "a reason is missing"
    withdraw = reverse("admin:runs_app_promotion_withdraw", args=[made.pk])
    page.post(withdraw, {"reason": "Wrong"})
    made.refresh_from_db()
    assert (made.state, made.withdrawn_by) == ("withdrawing", jiwoo)


def test_pages_take_the_same_few_queries(
    ppe: Experiment,
    minsu: User,
    settings: Settings,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(5):
        run = trained(ppe)
        evaluated(run)
    page = logged_in(minsu)
    page.post(new(ppe), {"file": run.files.get().pk, "reason": "Better"})
    made = Promotion.objects.get()
    for address in (new(ppe), reverse("admin:runs_app_promotion_changelist")):
        with django_assert_max_num_queries(12):
            assert page.get(address).status_code == 200
    with django_assert_max_num_queries(20):
        assert page.get(made.get_absolute_url()).status_code == 200


def test_a_viewer_reads_and_decides_nothing(ppe: Experiment, minsu: User) -> None:
    run = trained(ppe)
    evaluated(run)
    logged_in(minsu).post(new(ppe), {"file": run.files.get().pk, "reason": "Better"})
    made = Promotion.objects.get()
    viewer = logged_in(make_member("Viewer"))
    assert viewer.get(made.get_absolute_url()).status_code == 200
    assert viewer.get(new(ppe)).status_code == 403
    for name in ("approve", "reject", "withdraw", "check"):
        address = reverse(f"admin:runs_app_promotion_{name}", args=[made.pk])
        assert viewer.post(address, {"reason": "x"}).status_code == 403
        assert viewer.get(address).status_code == 405

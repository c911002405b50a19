"""Words of the theme and of Django, in the order and the terms in which a Korean reads them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_experiment, make_member

pytestmark = pytest.mark.django_db


def shown(client: Client, page: str, language: str) -> str:
    answer = client.get(page, headers={"accept-language": language})
    return " ".join(answer.text.split())


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("Administrator", "jiwoo"))
    return client


@pytest.mark.parametrize(
    ("language", "deletes", "counts"),
    [("ko", "> 실험 삭제 <", "> 실험 2개 <"), ("en", "> Delete experiment <", "> 2 experiments <")],
)
def test_a_name_stands_where_the_language_wants_it(
    jiwoo: Client, language: str, deletes: str, counts: str
) -> None:
    bct = make_experiment()
    make_experiment("sampyo-incheon-crane")
    page = reverse("admin:registry_app_experiment_change", args=[bct.pk])
    text = shown(jiwoo, page, language)
    assert text.count(deletes) == 1
    assert reverse("admin:registry_app_experiment_delete", args=[bct.pk]) in text
    assert counts in shown(jiwoo, "/admin/registry_app/experiment/", language)


def test_who_may_not_delete_is_offered_no_delete(client: Client) -> None:
    client.force_login(make_member("Viewer", "minsu"))
    page = reverse("admin:registry_app_experiment_detail", args=[make_experiment().pk])
    assert "실험 삭제" not in shown(client, page, "ko")

"""Pages that are not there or not allowed look like the portal and say what to do next."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import server_error

from portal.refused_pages import not_found
from runs_app.models import Run
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def shown(client: Client, page: str, status: int, language: str = "en") -> str:
    answer = client.get(page, headers={"accept-language": language})
    assert answer.status_code == status
    assert f'<html lang="{language}"' in answer.text
    return " ".join(answer.text.split())


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Viewer", "minsu"))
    return client


@pytest.mark.parametrize(
    ("language", "title"), [("en", "This page does not exist"), ("ko", "없는 페이지입니다")]
)
def test_a_missing_page_leads_back(minsu: Client, language: str, title: str) -> None:
    text = shown(minsu, "/admin/nowhere/", 404, language)
    assert title in text
    assert "<code>/admin/nowhere/</code>" in text
    for way in ("/admin/", "/admin/registry_app/experiment/", "/admin/runs_app/run/"):
        assert f'gf-button" href="{way}"' in text.replace(" gf-main", "")


def test_a_stranger_is_led_to_the_login_and_shown_nothing_else(client: Client) -> None:
    text = shown(client, "/nowhere", 404)
    assert 'href="/admin/login/"' in text
    assert "/admin/registry_app/" not in text


def test_an_address_is_only_text(minsu: Client) -> None:
    text = shown(minsu, "/admin/<img src=x>/", 404)
    assert "<img src=x>" not in text


def test_a_refused_user_learns_who_can_help(minsu: Client) -> None:
    text = shown(minsu, "/admin/auth/group/", 403)
    assert "You are logged in as minsu. Groups: Viewer." in text
    assert "An administrator can add you to a group" in text


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (Http404("This record was not saved."), "This record was not saved."),
        (Http404("No Run matches the given query."), "The address may be mistyped"),
        (Http404({"tried": []}), "The address may be mistyped"),
        (Http404(), "The address may be mistyped"),
        (Run.DoesNotExist(), "The address may be mistyped"),
    ],
)
def test_the_reason_of_a_view_is_reported_and_no_words_of_the_framework(
    rf: RequestFactory, reason: Exception, message: str
) -> None:
    answer = not_found(rf.get("/x"), reason)
    assert answer.status_code == 404
    assert message in answer.text
    assert "matches the given query" not in answer.text


def test_a_form_without_its_secret_is_refused_with_the_fix() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member("PM", "jiwoo"))
    answer = client.post("/admin/registry_app/scanjob/add/")
    assert answer.status_code == 403
    assert "reload the page and send the form again" in answer.text


@pytest.mark.parametrize(
    ("language", "message"), [("en", "The portal failed"), ("ko", "포털에 오류가")]
)
def test_a_page_that_fails_says_so_without_what_may_have_failed(
    rf: RequestFactory, language: str, message: str
) -> None:
    with translation.override(language):
        answer = server_error(rf.get("/x"))
    assert answer.status_code == 500
    assert f'<html lang="{language}">' in answer.text
    assert message in answer.text
    assert "/static/" not in answer.text

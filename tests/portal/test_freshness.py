"""What a page that follows something needs to say that it gets no news.

How it says it is seen in a browser; here is what the script reads of the pages.
"""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from registry_app.models import ScanJob
from runs_app.choices import RunStatus
from tests.factories import make_entry_point, make_experiment, make_run

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("jiwoo"))
    return client


def title(text: str) -> str:
    found = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    assert found is not None
    return " ".join(found[1].split())


def test_every_page_that_follows_something_can_say_so_and_names_its_state(jiwoo: Client) -> None:
    experiment = make_experiment()
    make_entry_point(experiment)
    run = make_run(experiment, RunStatus.RUNNING)
    job = ScanJob.objects.create()
    pages = {
        reverse("admin:runs_app_run_change", args=[run.pk]): "Running · #",
        reverse("admin:registry_app_scanjob_change", args=[job.pk]): "waiting · ",
        reverse("admin:runs_app_run_changelist"): "",
        f"{reverse('admin:runs_app_run_new')}?type=train&experiment={experiment.pk}": "",
    }
    for address, begins in pages.items():
        text = jiwoo.get(address, headers=ENGLISH).text
        assert text.count('id="gf-stale"') == 1, address
        assert "portal/fresh" in text
        assert 'data-zone="Asia/Seoul"' in text
        assert title(text).startswith(begins), address
    state = jiwoo.get(reverse("admin:runs_app_run_state", args=[run.pk]), headers=ENGLISH).json()
    assert state["label"] == "Running"


def test_a_page_that_follows_nothing_asks_whether_the_session_goes_on(
    jiwoo: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """It says what runs, or takes text for long."""
    experiment = make_experiment()
    make_entry_point(experiment)
    form = f"{reverse('admin:runs_app_run_new')}?type=train&experiment={experiment.pk}"
    page = reverse("admin:registry_app_experiment_detail", args=[experiment.pk])
    for address in ("/admin/", page, form):
        assert 'data-session="/admin/session/"' in jiwoo.get(address).text, address
    with django_assert_num_queries(2):
        answer = jiwoo.get("/admin/session/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer["Cache-Control"]
    away = Client().get("/admin/session/")
    assert away["Location"].startswith(reverse("admin:login"))


def test_the_page_after_the_log_in_says_who_is_there_and_has_a_token(jiwoo: Client) -> None:
    text = jiwoo.get("/admin/").text
    assert f'data-user="{User.objects.get().pk}"' in text
    assert "csrfmiddlewaretoken" in text


def test_the_log_in_explains_a_refusal_where_the_script_reads_it() -> None:
    data = {"username": "jiwoo", "password": "x"}
    text = Client().post("/admin/login/?next=/admin/", data, headers=ENGLISH).text
    notes = re.findall(r'class="errornote[^"]*">(.*?)<', text, re.DOTALL)
    assert "Please enter the correct username and password" in notes[-1]
    assert "data-user" not in text


def test_a_request_of_a_signed_out_page_ends_at_the_log_in(jiwoo: Client) -> None:
    run = make_run(make_experiment(), RunStatus.RUNNING)
    answer = Client().get(reverse("admin:runs_app_run_state", args=[run.pk]), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("admin:login"))

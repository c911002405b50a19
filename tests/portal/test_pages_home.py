"""What the home page tells whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat, Run
from tests.factories import make_experiment, make_member, make_run, make_user

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def test_a_fresh_portal_tells_the_first_steps(minsu: Client) -> None:
    text = minsu.get("/admin/", headers=ENGLISH).text
    assert "First steps" in text
    assert "No worker is alive" in text


def test_the_first_steps_are_in_korean_too(minsu: Client) -> None:
    text = minsu.get("/admin/", headers={"accept-language": "ko"}).text
    assert '<html lang="ko"' in text


def test_counts_stages_runs_and_what_mlflow_does_not_know(minsu: Client) -> None:
    done = make_experiment(completeness=100)
    make_experiment("donghwa-entec-ppe", completeness=40)
    make_run(done, RunStatus.SUCCEEDED)
    make_run(done, RunStatus.SUCCEEDED, mlflow_state="sent")
    make_run(done, RunStatus.FAILED)
    make_run(done, RunStatus.QUEUED)
    context = minsu.get("/admin/").context
    assert [stage.count for stage in context["stages"]] == [1, 0, 1, 0, 0]
    counts = context["run_counts"]
    assert (counts.total, counts.queued, counts.on_host) == (4, 1, 0)
    assert (counts.bad_today, counts.unsent) == (1, 2)
    assert [run.status for run in context["latest_failures"]] == [RunStatus.FAILED]


def test_a_worker_is_alive_while_its_tick_comes_by(minsu: Client) -> None:
    make_experiment()
    host = HostHeartbeat.objects.create(host="gpu1", boot_id="x")
    assert minsu.get("/admin/").context["worker_alive"]
    HostHeartbeat.objects.filter(pk=host.pk).update(tick_at=timezone.now() - timedelta(minutes=5))
    page = minsu.get("/admin/", headers=ENGLISH)
    assert not page.context["worker_alive"]
    assert "No worker is alive" in page.text


def test_whoever_may_view_nothing_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(make_user("new", is_staff=True))
    make_run(make_experiment())
    page = client.get("/admin/", headers=ENGLISH)
    assert "Ask an administrator" in page.text
    assert "sampyo-gimhae-bct" not in page.text


def test_names_are_only_text(minsu: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    make_run(make_experiment(hostile), RunStatus.LOST, version=hostile)
    assert hostile not in minsu.get("/admin/").text


def test_the_page_costs_the_same_queries_however_much_there_is(minsu: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert minsu.get("/admin/").status_code == 200
        return len(captured)

    def fill(number: int) -> None:
        experiment = make_experiment(f"sampyo-{number}")
        for status in (RunStatus.QUEUED, RunStatus.FAILED, RunStatus.SUCCEEDED):
            make_run(experiment, status)

    fill(0)
    minsu.get("/admin/")
    few = queries()
    for number in range(1, 11):
        fill(number)
    assert (Experiment.objects.count(), Run.objects.count()) == (11, 33)
    assert queries() == few


def test_pages_ask_no_other_site_for_anything(minsu: Client) -> None:
    make_experiment()
    for page in ("/admin/", "/admin/registry_app/experiment/", "/admin/login/"):
        text = minsu.get(page).text
        for asked in ('src="http', 'href="//', 'src="//', 'rel="stylesheet" href="http'):
            assert asked not in text


def test_the_language_is_switched_from_the_header(minsu: Client) -> None:
    answer = minsu.post("/i18n/setlang/", {"language": "ko", "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert '<html lang="ko"' in minsu.get("/admin/").text


def test_groups_are_made_once_with_the_rights_of_both_apps() -> None:
    groups = {group.name: group for group in Group.objects.all()}
    assert {"Viewer", "PM", "Engineer", "Administrator"} <= set(groups)
    for name in ("Viewer", "PM", "Engineer", "Administrator"):
        codenames = groups[name].permissions.values_list("codename", flat=True)
        assert {"view_experiment", "view_run"} <= set(codenames)

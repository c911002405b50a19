"""Lists of runs, experiments and worker hosts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat, Run
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_run,
    make_script,
    make_user,
)
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

RUNS = "/admin/runs_app/run/"
EXPERIMENTS = "/admin/registry_app/experiment/"
HOSTS = "/admin/runs_app/hostheartbeat/"


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def viewer(client: Client, home: Home) -> Client:
    client.force_login(make_member("Viewer"))
    return client


@pytest.fixture
def engineer(client: Client, home: Home) -> Client:
    client.force_login(make_member("Engineer"))
    return client


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("address", [RUNS, EXPERIMENTS, HOSTS])
def test_lists_speak_both_languages(viewer: Client, address: str, language: str) -> None:
    make_run(make_experiment(), RunStatus.FAILED, reason_values={"code": 1})
    page = viewer.get(address, headers={"accept-language": language})
    assert page.status_code == 200
    assert f'lang="{language}"' in page.content.decode()


def test_list_of_runs_takes_the_same_queries_for_any_number(viewer: Client) -> None:
    experiment = make_experiment()
    for _number in range(3):
        make_run(experiment, RunStatus.SUCCEEDED, queued_by=make_user(f"user{_number}"))
    viewer.get(RUNS)
    few = queries_of(viewer, RUNS)
    for number in range(27):
        other = make_experiment(f"site-{number}")
        make_run(other, RunStatus.FAILED, queued_by=make_user(f"other{number}"))
    assert queries_of(viewer, RUNS) == few


def test_list_of_experiments_takes_the_same_queries_for_any_number(engineer: Client) -> None:
    for number in range(3):
        make_run(make_experiment(f"few-{number}"), RunStatus.SUCCEEDED)
    engineer.get(EXPERIMENTS)
    few = queries_of(engineer, EXPERIMENTS)
    for number in range(27):
        make_run(make_experiment(f"many-{number}"), RunStatus.SUCCEEDED)
    assert queries_of(engineer, EXPERIMENTS) == few


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status__exact=failed", {"failed"}),
        ("group=active", {"queued", "running"}),
        ("group=bad", {"failed", "lost"}),
        ("type__exact=infer", set()),
        ("q=gimhae", {"queued", "running", "failed", "lost", "succeeded"}),
        ("q=nothing", set()),
    ],
)
def test_runs_are_filtered(viewer: Client, query: str, expected: set[str]) -> None:
    experiment = make_experiment("sampyo-gimhae-bct")
    for status in ("queued", "running", "failed", "lost", "succeeded"):
        make_run(experiment, RunStatus(status), overlap=True)
    page = viewer.get(f"{RUNS}?{query}")
    found = {run.status for run in page.context["cl"].result_list}
    assert found == expected


@pytest.mark.parametrize("address", [f"{RUNS}add/", f"{HOSTS}add/"])
def test_rows_cannot_be_added_by_hand(admin_client: Client, address: str) -> None:
    assert admin_client.get(address).status_code == 403


def test_runs_cannot_be_changed_or_deleted_by_hand(admin_client: Client, home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.FAILED)
    assert admin_client.get(f"{RUNS}{run.pk}/delete/").status_code == 403
    admin_client.post(run.get_absolute_url(), {"status": "succeeded"})
    admin_client.post(
        RUNS, {"action": "delete_selected", "_selected_action": run.pk, "post": "yes"}
    )
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED


def test_experiment_shows_its_stage_and_last_run(viewer: Client) -> None:
    experiment = make_experiment()
    make_run(experiment, RunStatus.SUCCEEDED)
    last = make_run(experiment, RunStatus.FAILED)
    page = viewer.get(EXPERIMENTS).content.decode()
    assert f"#{last.pk} Train" in page
    assert "1 Scanned" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("last_run=never", {"quiet"}),
        ("last_run=failed", {"broken"}),
        ("stage=3", {"proven"}),
        ("stage=1", {"quiet", "broken"}),
    ],
)
def test_experiments_are_filtered_by_what_their_runs_say(
    viewer: Client, query: str, expected: set[str]
) -> None:
    make_experiment("quiet")
    make_run(make_experiment("broken"), RunStatus.FAILED)
    make_run(make_experiment("proven", completeness=100, confirmed=100), RunStatus.SUCCEEDED)
    page = viewer.get(f"{EXPERIMENTS}?{query}")
    assert {item.name for item in page.context["cl"].result_list} == expected


@pytest.mark.parametrize("kind", EntryPointType.values)
def test_action_opens_the_form_for_all_that_are_selected(engineer: Client, kind: str) -> None:
    chosen = [make_experiment("a"), make_experiment("b")]
    make_experiment("c")
    answer = engineer.post(
        EXPERIMENTS,
        {"action": f"run_{kind}_selected", "_selected_action": [item.pk for item in chosen]},
    )
    numbers = "".join(f"&experiment={item.pk}" for item in chosen)
    assert answer["Location"] == f"{RUNS}new/?type={kind}{numbers}"
    assert not Run.objects.exists()


def test_button_on_an_experiment_opens_the_form(engineer: Client) -> None:
    experiment = make_experiment()
    make_entry_point(experiment)
    make_script(experiment, "bench.py", types=["eval"])
    page = engineer.get(f"{EXPERIMENTS}{experiment.pk}/").content.decode()
    offered = re.findall(rf'href="{RUNS}new/\?type=(\w+)&amp;experiment={experiment.pk}"', page)
    assert offered == ["train", "eval"]
    answer = engineer.get(f"{EXPERIMENTS}{experiment.pk}/run-train/")
    assert answer["Location"] == f"{RUNS}new/?type=train&experiment={experiment.pk}"


@pytest.mark.parametrize("group", ["Viewer", "PM"])
def test_those_who_may_not_run_have_no_buttons_for_it(
    client: Client, home: Home, group: str
) -> None:
    experiment = make_experiment()
    make_entry_point(experiment)
    client.force_login(make_member(group))
    assert "run_train_selected" not in client.get(EXPERIMENTS).content.decode()
    page = client.get(f"{EXPERIMENTS}{experiment.pk}/change/").content.decode()
    assert "run-train" not in page
    assert client.get(f"{EXPERIMENTS}{experiment.pk}/run-train/").status_code == 403


def test_engineer_cancels_several_runs_at_once(engineer: Client) -> None:
    runs = [make_run(make_experiment(name)) for name in ("a", "b")]
    done = make_run(make_experiment("c"), RunStatus.SUCCEEDED)
    numbers = [run.pk for run in [*runs, done]]
    engineer.post(RUNS, {"action": "cancel_runs", "_selected_action": numbers})
    assert set(Run.objects.filter(pk__in=numbers[:2]).values_list("status", flat=True)) == {
        RunStatus.CANCELLED
    }
    done.refresh_from_db()
    assert done.status == RunStatus.SUCCEEDED


def test_viewer_cancels_nothing(viewer: Client) -> None:
    run = make_run(make_experiment())
    viewer.post(RUNS, {"action": "cancel_runs", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_hosts_show_who_is_alive_and_how_busy(viewer: Client) -> None:
    HostHeartbeat.objects.create(host="gpu1", boot_id="1", slots=2)
    long_ago = timezone.now() - timedelta(hours=1)
    HostHeartbeat.objects.create(host="gpu2", boot_id="2", tick_at=long_ago)
    make_run(make_experiment(), RunStatus.RUNNING, host="gpu1")
    page = viewer.get(HOSTS).content.decode()
    assert "1 / 2" in page
    assert "0 / 2" in page
    assert "alive" in page
    assert "no heartbeat" in page


def shown(client: Client, address: str, data: dict[str, object] | None = None) -> str:
    """What the page says that an address leads to."""
    answer = client.post(address, data, follow=True) if data else client.get(address, follow=True)
    return " ".join(str(item) for item in answer.context["messages"])


def test_an_experiment_with_runs_is_kept_and_the_page_says_why(admin_client: Client) -> None:
    bct, ppe, unused = (make_experiment(name) for name in ("bct", "ppe", "unused"))
    for experiment in (bct, bct, ppe):
        make_run(experiment)
    address = f"{EXPERIMENTS}{bct.pk}/delete/"
    assert shown(admin_client, address).startswith("bct has 2 runs and cannot be deleted")
    assert shown(admin_client, address, {"post": "yes"}).startswith("bct has 2 runs")
    chosen = {"action": "delete_selected", "post": "yes"}
    some = shown(admin_client, EXPERIMENTS, {**chosen, "_selected_action": [ppe.pk, unused.pk]})
    assert some.startswith("ppe has 1 run and cannot be deleted")
    assert Experiment.objects.count() == 3
    shown(admin_client, EXPERIMENTS, {**chosen, "_selected_action": [unused.pk]})
    assert [item.name for item in Experiment.objects.all()] == ["bct", "ppe"]


def test_a_user_who_may_not_delete_experiments_sees_none_of_them(viewer: Client) -> None:
    run = make_run(make_experiment())
    assert viewer.get(f"{EXPERIMENTS}{run.experiment_id}/delete/").status_code == 403


def test_a_number_that_no_experiment_can_have_is_no_error(viewer: Client) -> None:
    answer = viewer.get(RUNS, {"experiment__id__exact": "9" * 23}, follow=True)
    assert answer.status_code == 200

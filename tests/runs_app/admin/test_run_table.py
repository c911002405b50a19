"""The table of runs: what an address shows, in the list and inside other pages."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.models import Run, RunMetric, RunParameter
from tests.factories import make_experiment, make_member, make_run, make_user, make_zone
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

RUNS = "/admin/runs_app/run/"
UP, LOSS = "metrics/mAP50(B)", "val/loss"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def jiwoo(home: Home) -> Any:
    return make_member("Engineer", "jiwoo")


@pytest.fixture
def browser(client: Client, jiwoo: Any) -> Client:
    client.force_login(jiwoo)
    return client


def measured(experiment: Experiment, value: float | None = None, **fields: Any) -> Run:
    """A run that succeeded with this value of its main metric, and the parameter epochs."""
    epochs = fields.pop("epochs", 40)
    if value is not None:
        fields |= {"main_metric": UP, "main_value": value}
    run = make_run(experiment, fields.pop("status", RunStatus.SUCCEEDED), **fields)
    if value is not None:
        for name, best in ((UP, value), (LOSS, 1 - value)):
            RunMetric.objects.create(run=run, name=name, last=best, best=best)
    number = epochs if isinstance(epochs, int) else None
    RunParameter.objects.create(run=run, name="epochs", text=str(epochs), number=number)
    return run


def shown(browser: Client, query: str) -> list[int]:
    page = browser.get(f"{RUNS}?{query}", headers=ENGLISH)
    assert page.status_code == 200, (query, page.status_code)
    return [run.pk for run in page.context["cl"].result_list]


def test_sorted_and_filtered_by_metrics_and_parameters(browser: Client) -> None:
    experiment = make_experiment()
    low = measured(experiment, 0.5, epochs=9)
    high = measured(experiment, 0.9, epochs=80)
    odd = measured(experiment, 0.7, epochs="many")
    without = measured(experiment)
    for query, runs in {
        "": [without, odd, high, low],
        "sort=id": [low, high, odd, without],
        "sort=-main": [high, odd, low],
        f"sort=m:{UP}": [low, odd, high],
        f"sort=m:{LOSS}": [high, odd, low],
        "sort=p:epochs": [low, without, high],
        "sort=-experiment": [without, odd, high, low],
        f"where=m:{UP}:gte:0.7": [odd, high],
        f"where=m:{UP}:lt:0.7&where=p:epochs:lt:10": [low],
        f"where=m:{UP}:ne:0.7": [high, low],
        "where=p:epochs:eq:many": [odd],
        "where=p:epochs:eq:80.0": [high],
        "where=p:epochs:ne:80": [without, odd, low],
        f"compared=m:{UP}&sign=gt&value=0.7&sort=id": [high],
    }.items():
        assert shown(browser, query) == [run.pk for run in runs], query


def test_filters_of_the_address(browser: Client, jiwoo: Any) -> None:
    gimhae = make_experiment("sampyo-gimhae-ppe", task_type="ppe")
    busan = make_experiment("donghwa-busan-fire", task_type="fire", zone=make_zone("donghwa"))
    assert gimhae.zone is not None
    assert busan.zone is not None
    cause = {"code": "disk_full", "values": {}, "line": ""}
    long_ago = timezone.now() - timedelta(days=30)
    best = measured(gimhae, 0.9, is_best=True, queued_by=jiwoo, note="candidate")
    failed = measured(gimhae, status=RunStatus.FAILED, cause=cause)
    old = measured(busan, status=RunStatus.LOST, started_at=long_ago, finished_at=long_ago)
    waiting = make_run(busan, version="v2-final")
    going = make_run(busan, RunStatus.RUNNING, script="train_yolo.py")
    for query, runs in {
        "group=active": [going, waiting],
        "group=waiting": [waiting],
        "group=running": [going],
        "group=bad": [old, failed],
        "group=bad&ended=week": [failed],
        "group=best": [best],
        "cause=disk_full": [failed],
        "who=me": [best],
        f"who={jiwoo.pk}": [best],
        "task=ppe": [failed, best],
        f"customer={busan.zone.site.customer_id}": [going, waiting, old],
        f"site={gimhae.zone.site_id}": [failed, best],
        f"zone={gimhae.zone_id}": [failed, best],
        f"experiment__id__exact={busan.pk}": [going, waiting, old],
        "status__exact=lost": [old],
        "q=gimhae": [failed, best],
        "q=donghwa+final": [waiting],
        "q=yolo": [going],
        "q=candidate": [best],
        f"q=%23{old.pk}": [old],
        "q=ppe+nothing": [],
        "customer=nonsense": [],
        "who=99999999999999999999": [],
    }.items():
        assert shown(browser, query) == [run.pk for run in runs], query


def test_what_a_search_or_a_condition_finds_is_counted_on_each_page(browser: Client) -> None:
    experiment = make_experiment()
    found = [measured(experiment, 0.9, note="night shift").pk for _number in range(53)]
    measured(experiment, 0.1)
    newest = found[::-1]
    for query in ("q=shift", f"where=m:{UP}:gte:0.5", f"where=m:{UP}:gte:0.5&sort=-m:{UP}"):
        for page, rows in ((1, newest[:50]), (2, newest[50:]), (3, [])):
            table = browser.get(f"{RUNS}?{query}&p={page}", headers=ENGLISH).context["cl"]
            assert [run.pk for run in table.result_list] == rows, (query, page)
            assert (table.result_count, table.has_more) == (53, page == 1), (query, page)
            assert table.is_counted


def test_more_than_the_most_that_are_counted(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs_app.admin.run_list.MAX_COUNTED", 52)
    experiment = make_experiment()
    for _number in range(53):
        measured(experiment, note="night shift")
    for page, rows in ((1, 50), (2, 3)):
        table = browser.get(f"{RUNS}?q=shift&p={page}", headers=ENGLISH).context["cl"]
        assert len(table.result_list) == rows, page
        assert (table.result_count, table.is_counted) == (52, False)


def test_filters_stand_above_the_list_and_can_be_taken_away(browser: Client) -> None:
    experiment = make_experiment(task_type="ppe")
    measured(experiment, 0.9)
    query = f"task=ppe&status__exact=succeeded&where=m:{UP}:gte:0.5&q=gimhae&col=main&sort=-main"
    page = browser.get(f"{RUNS}?{query}", headers=ENGLISH)
    chips = page.context["cl"].chips
    assert [(chip.title, chip.value) for chip in chips] == [
        ("Status", "Succeeded"),
        ("Task type", "ppe"),
        ("", f"{UP} ≥ 0.5"),
        ("Search", "gimhae"),
    ]
    for chip in chips:
        assert shown(browser, chip.without.removeprefix("?"))
        left = browser.get(f"{RUNS}{chip.without}", headers=ENGLISH).context["cl"]
        assert [item.value for item in left.chips] == [
            item.value for item in chips if item is not chip
        ]
        assert [column.key for column in left.columns] == ["main"]


def test_an_empty_list_says_which_filter_to_take_away(browser: Client) -> None:
    measured(make_experiment(task_type="ppe"), 0.9)
    page = browser.get(f"{RUNS}?task=ppe&status__exact=failed", headers=ENGLISH)
    assert "No run matches." in page.text
    assert "without “Failed”: 1" in page.text
    assert "without “ppe”: 0" in page.text
    Run.objects.all().delete()
    assert "Choose an experiment and run it" in browser.get(RUNS, headers=ENGLISH).text


def test_ready_views_count_their_runs_and_name_the_one_that_is_shown(
    browser: Client, jiwoo: Any
) -> None:
    experiment = make_experiment()
    measured(experiment, 0.9, is_best=True, queued_by=jiwoo)
    measured(experiment, status=RunStatus.FAILED)
    make_run(experiment)
    page = browser.get(f"{RUNS}?group=bad&ended=week&col=note", headers=ENGLISH)
    tabs = page.context["cl"].tabs
    assert [(str(tab.label), tab.count) for tab in tabs] == [
        ("All", 3),
        ("Mine", 1),
        ("Failed this week", 1),
        ("Running", 0),
        ("Waiting", 1),
        ("Best per experiment", 1),
    ]
    assert [tab.is_current for tab in tabs] == [False, False, True, False, False, False]
    for tab in tabs:
        assert len(shown(browser, tab.address.removeprefix("?"))) == tab.count
        assert "col=note" in tab.address


@pytest.mark.parametrize(
    "query",
    ["where=nonsense", "where=m:mAP50:regex:1", "script__regex=x", "queued_at_from=1-1-1"],
)
def test_what_no_filter_offers_is_answered_as_an_unknown_filter(
    browser: Client, query: str
) -> None:
    answer = browser.get(f"{RUNS}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{RUNS}?e=1")
    assert browser.get(f"{RUNS}rows/?{query}").status_code == 400


def test_the_table_takes_the_same_queries_for_any_number_of_rows(browser: Client) -> None:
    few = make_experiment()
    assert few.zone is not None
    query = f"{RUNS}?col=main&col=m:{UP}&col=p:epochs&col=changed&sort=-m:{UP}"
    query += f"&where=p:epochs:gt:1&customer={few.zone.site.customer_id}"
    for number in range(3):
        measured(few, 0.5, queued_by=make_user(f"user{number}"))
    browser.get(query)
    with CaptureQueriesContext(connection) as before:
        assert browser.get(query).context["cl"].result_list
    for number in range(60):
        other = make_experiment(f"site-{number}")
        measured(other, 0.5, queued_by=make_user(f"other{number}"))
    with CaptureQueriesContext(connection) as after:
        page = browser.get(query)
    assert len(page.context["cl"].result_list) == 50
    assert len(after) <= len(before) + 1 <= 12  # one to count what does not fit on the page
    with CaptureQueriesContext(connection) as empty:
        browser.get(f"{RUNS}?task=x&status__exact=failed&who=me&customer=1")
    assert len(empty) <= 12


def test_pages_lead_to_older_and_newer_runs(browser: Client) -> None:
    experiment = make_experiment()
    runs = [make_run(experiment, RunStatus.SUCCEEDED) for _number in range(53)]
    first = browser.get(f"{RUNS}?group=", headers=ENGLISH).context["cl"]
    assert (first.newer(), first.result_count, first.is_counted) == ("", 53, True)
    second = browser.get(f"{RUNS}{first.older()}", headers=ENGLISH).context["cl"]
    assert [run.pk for run in second.result_list] == [run.pk for run in runs[2::-1]]
    assert (second.older(), second.newer()) == ("", "?")
    assert shown(browser, "p=0")
    assert shown(browser, "p=99") == []


def test_rows_bring_themselves_up_to_date_and_new_runs_are_counted(browser: Client) -> None:
    experiment = make_experiment()
    run = make_run(experiment, RunStatus.RUNNING)
    page = browser.get(f"{RUNS}?status__exact=running&col=note", headers=ENGLISH)
    assert f'data-newest="{run.pk}"' in page.text
    assert f'<tr data-run="{run.pk}" data-active>' in page.text
    Run.objects.filter(pk=run.pk).update(
        status="succeeded", outcome="succeeded", finished_at=timezone.now(), exit_code=0, note="ok"
    )
    make_run(experiment, RunStatus.RUNNING, overlap=True)
    make_run(experiment, RunStatus.SUCCEEDED)
    answer = browser.get(
        f"{RUNS}rows/?status__exact=running&col=note&id={run.pk}&id=x&newest={run.pk}",
        headers=ENGLISH,
    ).json()
    assert list(answer["rows"]) == [str(run.pk)]
    assert "data-active" not in answer["rows"][str(run.pk)]
    assert "ok" in answer["rows"][str(run.pk)]
    assert answer["new"] == 1


def test_the_forms_offer_what_the_runs_have(browser: Client, jiwoo: Any) -> None:
    experiment = make_experiment(task_type="ppe")
    measured(experiment, 0.9, queued_by=jiwoo)
    text = browser.get(f"{RUNS}choices/?task=ppe&col=main&sort=-main", headers=ENGLISH).text
    for word in (UP, LOSS, "epochs", "jiwoo", "sampyo", "In the last 7 days".lower()):
        assert word in text, word
    assert '<option value="ppe" selected>' in text
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text)
    kept_with_filters, kept_with_columns = ("col", "main"), ("task", "ppe")
    sort = ("sort", "-main")
    assert hidden == [kept_with_filters, sort, kept_with_columns, sort]


def test_csv_has_all_matching_runs_and_no_formula(browser: Client) -> None:
    experiment = make_experiment()
    run = measured(experiment, 0.912345678, note="=1+1", queued_by=make_user("minsu"))
    for _number in range(52):
        make_run(experiment, RunStatus.FAILED)
    answer = browser.get(f"{RUNS}csv/?sort=id&col=m:{LOSS}&col=p:epochs", headers=ENGLISH)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 53
    first = rows[0]
    assert (first["Number"], first["Value"], first["epochs"]) == (str(run.pk), "0.912345678", "40")
    assert (first["Note"], first["Queued by"], first[LOSS]) == (
        "'=1+1",
        "minsu",
        repr(1 - 0.912345678),
    )


def test_ticked_runs_are_cancelled_by_the_action(browser: Client) -> None:
    run = make_run(make_experiment())
    text = browser.get(RUNS, headers=ENGLISH).text
    assert 'name="action" value="cancel_runs"' in text
    browser.post(RUNS, {"action": "cancel_runs", "_selected_action": run.pk})
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    browser.force_login(make_member("Viewer"))
    assert 'value="cancel_runs"' not in browser.get(RUNS, headers=ENGLISH).text


def inside(user: Any, query: str, row: Any) -> str:
    """The table inside another page, as its tag shows it."""
    request = RequestFactory().get(f"/admin/registry_app/experiment/1/?{query}")
    request.user = user
    context = Context({"request": request, "row": row})
    return Template("{% load run_table %}{% run_table row %}").render(context)


def test_the_table_inside_the_page_of_an_experiment(jiwoo: Any) -> None:
    experiment, other = make_experiment(), make_experiment("other")
    mine = measured(experiment, 0.9)
    foreign = measured(other, 0.8)
    text = inside(jiwoo, "tab=runs&sort=-main", experiment)
    assert f'data-run="{mine.pk}"' in text
    assert f'data-run="{foreign.pk}"' not in text
    # Links keep what belongs to the page, and do not name the experiment.
    assert 'href="?tab=runs&amp;who=me"' in text
    assert "gf-c-exp" not in text
    assert 'data-foreign="tab=runs"' in text
    assert f"?experiment__id__exact={experiment.pk}" in text
    assert f'data-query="sort=-main&amp;experiment__id__exact={experiment.pk}"' in text


def test_the_table_inside_the_pages_of_places(jiwoo: Any) -> None:
    experiment, other = make_experiment(), make_experiment("other", zone=make_zone("donghwa"))
    mine, foreign = measured(experiment, 0.9), measured(other, 0.8)
    assert experiment.zone is not None
    zone = experiment.zone
    for row in (zone, zone.site, zone.site.customer):
        text = inside(jiwoo, "where=nonsense", row)  # shows the usual table
        assert f'data-run="{mine.pk}"' in text
        assert f'data-run="{foreign.pk}"' not in text
        assert "gf-c-exp" in text
    assert "No run yet." in inside(jiwoo, "", make_zone("posco").site.customer)


@pytest.mark.parametrize("kind", ["experiment", "zone", "site", "customer"])
def test_pages_to_read_have_the_table_of_their_runs(browser: Any, kind: str) -> None:
    experiment, other = make_experiment(), make_experiment("other", zone=make_zone("donghwa"))
    mine, foreign = measured(experiment, 0.9), measured(other, 0.8)
    zone: Any = experiment.zone
    places = {"zone": zone, "site": zone.site, "customer": zone.site.customer}
    row = places.get(kind, experiment)
    page = browser.get(reverse(f"admin:registry_app_{kind}_detail", args=[row.pk]), headers=ENGLISH)
    assert f'data-run="{mine.pk}"' in page.text
    assert f'data-run="{foreign.pk}"' not in page.text
    assert "runs_app/table." in page.text


def test_nothing_is_shown_inside_to_those_who_may_not_see_runs(home: Home) -> None:
    experiment = make_experiment()
    measured(experiment, 0.9)
    assert inside(AnonymousUser(), "", experiment).strip() == ""
    assert inside(make_user("outsider", is_staff=True), "", experiment).strip() == ""

"""Every page of the admin refuses look-ups and keys that it does not offer, in one way."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from unfold.admin import checkbox

from registry_app.admin.guarded import GuardedAdmin
from registry_app.row_numbers import row_number
from runs_app.models import Run
from tests.factories import make_experiment, make_member, make_run

pytestmark = pytest.mark.django_db

EXPERIMENTS = "/admin/registry_app/experiment/"
RUNS = "/admin/runs_app/run/"


@pytest.fixture(params=["Viewer", "superuser"])
def browser(request: pytest.FixtureRequest, client: Client) -> Client:
    if request.param == "superuser":
        client.force_login(User.objects.create_superuser("boss", password="a-long-password"))
    else:
        client.force_login(make_member(request.param))
    return client


def test_boxes_and_heads_are_those_of_the_theme(client: Client) -> None:
    rows = [make_experiment(f"gimhae-{number}") for number in range(2)]
    client.force_login(make_member("Administrator"))
    for language in ("en", "ko"):
        page = client.get(f"{EXPERIMENTS}?o=1.-3", headers={"accept-language": language})
        with translation.override(language):
            boxes = [checkbox.render(ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows]
        for box in boxes:
            assert box in page.text
    heads = re.findall(r'href="\?([^"]*\bo=[^"]*)"', page.text)
    assert len(set(heads)) >= 6, "each head has links of its own"


def test_every_page_of_every_app_is_guarded() -> None:
    for page in admin.site._registry.values():
        assert isinstance(page, GuardedAdmin), f"{type(page)} is no GuardedAdmin"


@pytest.mark.parametrize(
    "lookup",
    [
        "path__regex",
        "path__iregex",
        "name__contains",
        "owner",
        "classes__contains",
        "created_at__year",
        "zone__site__customer__name__regex",
        "entry_points__interpreter__regex",
        "nonsense",
    ],
)
def test_a_look_up_that_no_filter_offers_is_answered_as_an_unknown_filter(
    browser: Client, lookup: str
) -> None:
    make_experiment()
    answer = browser.get(EXPERIMENTS, {lookup: "^(.+)+!$"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{EXPERIMENTS}?e=1"
    assert browser.get(answer["Location"]).status_code == 200


def test_a_refused_regular_expression_never_reaches_the_database(browser: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        browser.get(EXPERIMENTS, {"path__regex": "^(.+)+!$"})
    assert len(queries)
    assert not [item for item in queries if "REGEXP" in item["sql"].upper()]


def test_what_the_list_offers_goes_on_working(browser: Client) -> None:
    bct = make_experiment()
    ppe = make_experiment("donghwa-ppe", task_type="ppe")
    runs = [make_run(bct), make_run(ppe), make_run(bct)]
    assert "donghwa-ppe" not in browser.get(EXPERIMENTS, {"task": "bct"}).text
    chosen: dict[str, str | int] = {
        "experiment__id__exact": ppe.pk,
        "status__exact": "queued",
        "group": "active",
    }
    assert [run.pk for run in listed(browser, chosen)] == [runs[1].pk]
    assert len(listed(browser, {"id__in": f"{runs[0].pk},{runs[2].pk}"})) == 2
    assert len(listed(browser, {"queued_at_from": "2020-01-01"})) == 3


def listed(browser: Client, query: dict[str, str | int]) -> list[Run]:
    answer = browser.get(RUNS, query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("value", ["x", "9" * 23, "-1", "٣"])
@pytest.mark.parametrize("name", ["id__in", "experiment__id__exact", "rerun_of", "pk__in"])
def test_a_number_that_no_row_can_have_is_no_error(browser: Client, name: str, value: str) -> None:
    assert browser.get(RUNS, {name: value}, follow=True).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-99", "x"])
def test_a_day_that_no_calendar_of_the_database_has_is_no_error(browser: Client, day: str) -> None:
    make_run(make_experiment())
    for name in ("queued_at_from", "queued_at_to"):
        assert browser.get(RUNS, {name: day}, follow=True).status_code == 200


@pytest.mark.parametrize("key", ["x", "9" * 23, "", "1.5"])
def test_an_action_for_a_row_that_cannot_be_does_nothing(client: Client, key: str) -> None:
    client.force_login(make_member("Administrator"))
    run = make_run(make_experiment())
    form = {"action": "cancel_runs", "_selected_action": [key], "index": "0"}
    answer = client.post(RUNS, form, follow=True)
    assert answer.status_code == 200
    assert "Items must be selected" in answer.text
    client.post(RUNS, form | {"_selected_action": [key, run.pk]})
    run.refresh_from_db()
    assert run.status == "cancelled"


@pytest.mark.parametrize("customer", ["x", "9" * 23, "1"])
def test_a_page_that_adds_is_opened_whatever_its_address_fills_in(
    client: Client, customer: str
) -> None:
    client.force_login(make_member("PM"))
    assert client.get(f"/admin/registry_app/site/add/?customer={customer}").status_code == 200


@pytest.mark.parametrize("site", ["x", "9" * 23, "_5F", "None"])
def test_a_choice_that_no_row_can_have_is_reported_beside_its_field(
    client: Client, site: str
) -> None:
    client.force_login(make_member("PM"))
    answer = client.post("/admin/registry_app/zone/add/", {"site": site, "name": "silo"})
    assert answer.status_code == 200
    assert "That choice is not one of the available choices" in answer.text


def test_an_export_of_a_list_that_cannot_be_is_refused(browser: Client) -> None:
    answer = browser.get(f"{EXPERIMENTS}export/?path__regex=x")
    assert answer.status_code == 400
    assert "The list has no such filter." in answer.text


@pytest.mark.parametrize("lookup", ["password__startswith", "username__regex", "email"])
def test_the_list_of_users_looks_up_no_more_than_it_offers(client: Client, lookup: str) -> None:
    client.force_login(User.objects.create_superuser("boss", password="a-long-password"))
    assert client.get("/admin/auth/user/", {lookup: "x"})["Location"].endswith("?e=1")
    assert client.get("/admin/auth/user/", {"is_active__exact": "1"}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/admin/runs_app/run/99999999999999999999/files/1/raw/",
        "/admin/runs_app/run/1/files/99999999999999999999/",
        "/admin/registry_app/experiment/99999999999999999999/source/",
    ],
)
def test_an_address_with_a_huge_number_leads_nowhere(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", [f"{EXPERIMENTS}?q=%00", "/admin/search/?s=a%00", "/admin/%00/"]
)
def test_a_nul_character_is_refused_with_a_reason(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 400
    assert "The request holds a NUL character." in answer.text


def test_a_nul_character_in_a_form_is_refused(client: Client) -> None:
    client.force_login(make_member("PM"))
    answer = client.post("/admin/registry_app/customer/add/", {"name": "a\x00b", "aliases": ""})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("007", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), 0),
        ("9" * 23, 0),
        ("", 0),
        ("-1", 0),
        ("1.0", 0),
        ("1 ", 0),
        ("1\n", 0),
        ("٣", 0),
        ("x", 0),
    ],
)
def test_a_row_number_is_what_a_row_can_have(text: str, number: int) -> None:
    assert row_number(text) == number


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["change", "delete"])
def test_an_empty_name_of_a_field_names_none(admin_client: Client, page: str) -> None:
    experiment = make_experiment()
    address = f"/admin/registry_app/experiment/{experiment.pk}/{page}/?_to_field="
    assert admin_client.get(address).status_code == 200

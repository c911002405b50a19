"""Pages to read: who is led there, what they show, and that they cost the same for much and few."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.models import Experiment, FieldProvenance, Note
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_run,
    make_script,
    make_zone,
)
from tests.lists import rows_behind
from tests.registry_app.forms import experiment_form

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
PLACES = ("customer", "site", "zone")


def browser(group: str) -> Client:
    client = Client(headers=ENGLISH)
    client.force_login(make_member(group))
    return client


def addresses_of(experiment: Experiment) -> dict[str, str]:
    zone = experiment.zone
    assert zone is not None
    keys = {
        "experiment": experiment.pk,
        "customer": zone.site.customer_id,
        "site": zone.site_id,
        "zone": zone.pk,
    }
    return {kind: f"/admin/registry_app/{kind}/{pk}/" for kind, pk in keys.items()}


@pytest.mark.parametrize("group", ["Viewer", "Engineer"])
def test_who_may_not_change_a_row_meets_its_page_and_never_a_form(group: str) -> None:
    client = browser(group)
    for kind, address in addresses_of(make_experiment()).items():
        answer = client.get(f"{address}change/?_changelist_filters=q%3Dppe")
        assert answer.status_code == 302
        assert answer["Location"].partition("?")[0] == address
        page = client.get(answer["Location"])
        assert "<fieldset" not in page.text, kind
        assert f"{address}change/" not in page.text, (
            f"a {group} has no use for the form of a {kind}"
        )


def test_a_pm_edits_from_the_page_and_returns_to_it(jiwoo: Client) -> None:
    bct = make_experiment()
    page = addresses_of(bct)["experiment"]
    answer = jiwoo.get(page)
    assert f'href="{page}change/" data-key="e"' in answer.text
    form = experiment_form(jiwoo, f"{page}change/")
    saved = jiwoo.post(f"{page}change/", {**form, "owner": "Doyun", "_save": "Save"})
    assert saved["Location"] == page
    assert "Doyun" in jiwoo.get(page).text


@pytest.fixture
def jiwoo() -> Client:
    return browser("PM")


def test_a_list_leads_to_pages_and_keeps_its_filters(jiwoo: Client) -> None:
    page = addresses_of(make_experiment())["experiment"]
    shown = jiwoo.get("/admin/registry_app/experiment/?task=bct").text
    assert f'href="{page}?_changelist_filters=task%3Dbct"' in shown
    edit = urlsplit(jiwoo.get(f"{page}?_changelist_filters=task%3Dbct").context["form_address"])
    assert edit.path == f"{page}change/"
    assert parse_qs(edit.query) == {"_changelist_filters": ["task=bct"]}


def test_the_way_back_from_a_form_leads_to_the_page(jiwoo: Client) -> None:
    page = addresses_of(make_experiment())["experiment"]
    crumbs = jiwoo.get(f"{page}change/").text.partition("</h1>")[0]
    assert f'href="{page}"' in crumbs


def test_a_row_that_is_gone_is_not_found(jiwoo: Client) -> None:
    for kind in ("experiment", *PLACES):
        for tail in ("", "timeline/", "timeline/?part=1"):
            assert jiwoo.get(f"/admin/registry_app/{kind}/4711/{tail}").status_code == 404


def test_an_experiment_says_what_is_known_guessed_and_missing(jiwoo: Client) -> None:
    bct = make_experiment(classes=["helmet"], zone=None)
    FieldProvenance.objects.create(
        experiment=bct, field="task.classes", source=FieldSource.SCANNED, evidence="ppe.yaml:4"
    )
    entry = make_entry_point(bct, confirmed=False)
    make_script(bct, "train.py")
    text = jiwoo.get(f"/admin/registry_app/experiment/{bct.pk}/").text
    assert '<span class="gfd-guess" title="">helmet</span>' in text
    assert "ppe.yaml:4" in text
    assert "customer, region, plant, zone" in text
    assert f"{entry.get_type_display()}: no engineer has confirmed the command yet." in text


def test_a_place_lists_what_is_in_it_with_links_to_exactly_those_experiments() -> None:
    for number in range(3):
        make_experiment(f"sampyo-gimhae-{number}", zone=make_zone(name=f"zone{number // 2}"))
    make_experiment("hanil-danyang", zone=make_zone("hanil", "danyang"))
    client = browser("Viewer")
    addresses = addresses_of(Experiment.objects.get(name="sampyo-gimhae-0"))
    shown = client.get(addresses["site"]).context
    assert [(item["name"], item["count"]) for item in shown["inside"]] == [
        ("zone0", 2),
        ("zone1", 1),
    ]
    viewer = User.objects.get(groups__name="Viewer")
    for item in shown["inside"]:
        assert rows_behind(viewer, item["list_address"]) == item["count"]
    for kind, count in (("customer", 3), ("site", 3), ("zone", 2)):
        context = client.get(addresses[kind]).context
        assert context["original"].experiment_count == count
        assert rows_behind(viewer, context["experiments_address"]) == count
        for stage in context["stages"]:
            assert rows_behind(viewer, stage.address) == stage.count


def test_pages_and_timelines_cost_the_same_queries_however_much_there_is() -> None:
    client = browser("Administrator")
    bct = make_experiment(classes=["helmet"])

    def fill(count: int) -> None:
        for number in range(count):
            with change_set(ChangeOrigin.ADMIN):
                zone = make_zone(name=f"zone{Note.objects.count()}-{number}")
                bct.zone = zone
                bct.save()
            Note.objects.create(experiment=bct, text=f"note {number}")
            make_run(bct)
            make_script(bct, f"train_{Note.objects.count()}.py")

    def queries() -> dict[str, int]:
        found = {}
        for kind, address in addresses_of(bct).items():
            for tail in ("", "timeline/?part=1"):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(f"{address}{tail}").status_code == 200
                found[f"{kind}/{tail}"] = len(captured)
        return found

    for kind in ("train", "eval"):
        make_entry_point(bct, kind, f"{kind}.py")
    fill(2)
    queries()
    few = queries()
    fill(9)
    many = queries()
    assert many == few
    assert max(many.values()) <= 12


def test_notes_are_written_by_those_who_curate_or_run_and_seen_by_all(jiwoo: Client) -> None:
    bct = make_experiment()
    page = addresses_of(bct)["experiment"]
    write = reverse("admin:registry_app_experiment_notes", args=[bct.pk])
    assert write in jiwoo.get(page).text
    answer = jiwoo.post(write, {"text": " <b>40 images</b> of cam07 added "})
    assert answer["Location"].startswith(page)
    for empty in ("  ", "x" * 2001):
        jiwoo.post(write, {"text": empty})
    viewer = browser("Viewer")
    assert write not in viewer.get(page).text
    assert viewer.post(write, {"text": "mine"}).status_code == 403
    assert [note.text for note in Note.objects.all()] == ["<b>40 images</b> of cam07 added"]
    shown = viewer.get(f"{page}timeline/?part=1").text
    assert "&lt;b&gt;40 images&lt;/b&gt; of cam07 added" in shown


def test_a_part_of_a_timeline_is_no_page(jiwoo: Client) -> None:
    page = addresses_of(make_experiment())["experiment"]
    assert "<html" not in jiwoo.get(f"{page}timeline/?part=1").text
    assert "<html" in jiwoo.get(f"{page}timeline/").text

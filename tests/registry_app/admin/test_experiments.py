"""A project manager curates experiments in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, Confidence, FieldSource
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    Proposal,
    Site,
    Zone,
)
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_script,
    make_user,
    make_zone,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/registry_app/experiment/"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def page_of(experiment: Experiment) -> str:
    return reverse("admin:registry_app_experiment_change", args=[experiment.pk])


def form_of(experiment: Experiment, **changes: Any) -> dict[str, Any]:
    """What the browser would send for this experiment, with these fields changed."""
    entry_points = list(experiment.entry_points.order_by("experiment__name", "type"))
    zone = experiment.zone
    data: dict[str, Any] = {
        "name": experiment.name,
        "path": experiment.path,
        "owner": experiment.owner,
        "aliases": "\n".join(experiment.aliases),
        "notes": experiment.notes,
        "site_customer": zone.site.customer.name if zone else "",
        "site_region": zone.site.region if zone else "",
        "site_plant": zone.site.plant if zone else "",
        "site_zone": zone.name if zone else "",
        "task_type": experiment.task_type,
        "classes": "\n".join(experiment.classes),
        "stage_held": experiment.stage_held or "",
        "entry_points-TOTAL_FORMS": len(entry_points),
        "entry_points-INITIAL_FORMS": len(entry_points),
    }
    for number, entry_point in enumerate(entry_points):
        data |= {
            f"entry_points-{number}-{name}": value
            for name, value in {
                "id": entry_point.pk,
                "experiment": experiment.pk,
                "type": entry_point.type,
                "default_script": entry_point.default_script,
                "patterns": "\n".join(entry_point.patterns),
                "args_template": entry_point.args_template,
                "overlap": "unknown",
                "background": "unknown",
            }.items()
        }
    return data | changes


def inside(name: str) -> str:
    """A path below the first root, as a person writes it."""
    return str(settings.GUARDIANFLOW_ROOTS[0] / name)


def source_of(experiment: Experiment, field: str) -> str | None:
    row = FieldProvenance.objects.filter(experiment=experiment, field=field).first()
    return row.source if row else None


def test_what_jiwoo_changes_is_curated_and_the_rest_is_not(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"), classes=["helmet"])
    make_entry_point(bct)
    answer = jiwoo.post(page_of(bct), form_of(bct, owner="지우", classes="안전모\n\n  vest \n"))
    assert answer.status_code == 302, answer.text
    bct.refresh_from_db()
    assert bct.classes == ["안전모", "vest"]
    assert source_of(bct, "owner") == FieldSource.CURATED
    assert source_of(bct, "task.classes") == FieldSource.CURATED
    assert source_of(bct, "task.type") is None
    assert source_of(bct, "entry_points.train.default") is None
    assert bct.completeness == 100


def test_a_changed_entry_point_is_curated_in_that_field_alone(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    make_entry_point(bct, patterns=["train*.py"])
    data = form_of(bct) | {"entry_points-0-default_script": "train_v2.py"}
    assert jiwoo.post(page_of(bct), data).status_code == 302
    assert source_of(bct, "entry_points.train.default") == FieldSource.CURATED
    assert source_of(bct, "entry_points.train.patterns") is None


def test_an_entry_point_that_jiwoo_removed_stays_decided(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    make_entry_point(bct)
    jiwoo.post(page_of(bct), form_of(bct) | {"entry_points-0-DELETE": "on"})
    assert not EntryPoint.objects.exists()
    assert source_of(bct, "entry_points.train.default") == FieldSource.CURATED


def test_a_place_is_written_as_words_and_made_where_it_is_new(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"), zone=None)
    made_before = make_zone("lotte", region="ulsan", plant="plant1", name="yard")
    values = {
        "site_customer": "Lotte",
        "site_region": "ulsan",
        "site_plant": "",
        "site_zone": "야적장",
    }
    assert jiwoo.post(page_of(bct), form_of(bct, **values)).status_code == 302
    bct.refresh_from_db()
    assert bct.zone is not None
    assert str(bct.zone) == "lotte · ulsan · 야적장"
    assert bct.zone.site.customer == made_before.site.customer
    for part in ("customer", "region", "zone"):
        assert source_of(bct, f"site.{part}") == FieldSource.CURATED
    assert source_of(bct, "site.plant") is None
    assert bct.history.first().change_set == ChangeSet.objects.get()


def test_one_part_of_a_place_is_decided_alone(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    jiwoo.post(page_of(bct), form_of(bct, site_zone="yard"))
    bct.refresh_from_db()
    assert str(bct.zone) == "sampyo · gimhae · plant1 · yard"
    assert source_of(bct, "site.zone") == FieldSource.CURATED
    assert source_of(bct, "site.customer") is None


def test_a_place_is_emptied(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    empty = dict.fromkeys(("site_customer", "site_region", "site_plant", "site_zone"), "")
    assert jiwoo.post(page_of(bct), form_of(bct, **empty)).status_code == 302
    bct.refresh_from_db()
    assert bct.zone is None


def test_the_places_that_the_last_experiment_leaves_are_swept_with_the_edit(
    jiwoo: Client,
) -> None:
    unknown = make_zone("", "", "", "")
    bct = make_experiment(path=inside("sampyo-gimhae-bct"), zone=unknown)
    near = make_experiment("near", path=inside("near"), zone=make_zone("sampyo", "gimhae", "", ""))
    values = {"site_customer": "sampyo", "site_region": "gimhae", "site_zone": "yard"}
    assert jiwoo.post(page_of(bct), form_of(bct, **values)).status_code == 302
    assert not Zone.objects.filter(pk=unknown.pk).exists()
    assert not Site.objects.filter(pk=unknown.site_id).exists()
    assert not Customer.objects.filter(name="").exists()
    made = ChangeSet.objects.latest("pk")
    undo(made, by=make_user("sora"))
    bct.refresh_from_db()
    assert bct.zone_id == unknown.pk
    page = reverse("admin:registry_app_experiment_delete", args=[near.pk])
    assert jiwoo.post(page, {"post": "yes"}).status_code == 302
    assert not Zone.objects.filter(site__region="gimhae").exists()
    assert Customer.objects.filter(name="sampyo").exists()  # people gave it a name


def test_a_customer_may_be_written_as_people_call_it(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    customer = make_zone("donghwa-entec").site.customer
    customer.display_name = "동화엔텍"
    customer.save()
    page = jiwoo.get(page_of(bct)).text
    assert '<option value="donghwa-entec" label="동화엔텍">' in page
    jiwoo.post(page_of(bct), form_of(bct, site_customer="동화엔텍"))
    bct.refresh_from_db()
    assert bct.zone is not None
    assert bct.zone.site.customer == customer


def test_renaming_a_plant_is_news_for_every_experiment_there(jiwoo: Client) -> None:
    zone = make_zone(plant="")
    near, far = make_experiment(zone=zone), make_experiment("lotte", zone=make_zone("lotte"))
    site = zone.site
    page = reverse("admin:registry_app_site_change", args=[site.pk])
    answer = jiwoo.post(
        page,
        {
            "customer": site.customer_id,
            "region": site.region,
            "plant": "plant2",
            "zones-TOTAL_FORMS": 1,
            "zones-INITIAL_FORMS": 1,
            "zones-0-id": zone.pk,
            "zones-0-site": site.pk,
            "zones-0-name": zone.name,
        },
    )
    assert answer.status_code == 302, answer.text
    assert source_of(near, "site.plant") == FieldSource.CURATED
    assert source_of(near, "site.region") is None
    assert source_of(far, "site.plant") is None
    near.refresh_from_db()
    assert near.completeness > 0


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"path": "/etc/passwd"}, "outside every root"),
        ({"path": "../secret"}, "climbs with"),
        ({"classes": "hook\nhook"}, "is listed twice"),
        ({"entry_points-0-default_script": "../evil.py"}, "not a path inside the experiment"),
        ({"entry_points-0-patterns": "/etc/*"}, "leads out of the directory"),
        ({"entry_points-0-args_template": "--name 'x"}, "an open quote"),
        ({"entry_points-0-args_template": "--epochs {epochs"}, "is not a placeholder"),
        ({"entry_points-0-parameters": "{oops"}, "is not JSON"),
        ({"entry_points-0-parameters": '[{"nome": "x"}]'}, "is not understood"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_saved(
    jiwoo: Client, changes: dict[str, Any], values: str
) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    make_entry_point(bct)
    answer = jiwoo.post(page_of(bct), form_of(bct, owner="jiwoo") | changes)
    assert answer.status_code == 200
    assert values in answer.text
    bct.refresh_from_db()
    assert bct.owner == ""
    assert not FieldProvenance.objects.exists()


def test_an_experiment_is_deleted_with_its_proposals(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    Proposal.objects.create(experiment=bct, field="task.type", value="bct")
    page = reverse("admin:registry_app_experiment_delete", args=[bct.pk])
    assert "permission" not in jiwoo.get(page, headers={"accept-language": "en"}).text
    assert jiwoo.post(page, {"post": "yes"}).status_code == 302
    assert not Experiment.objects.exists()
    assert not Proposal.objects.exists()


def test_names_paths_and_untrusted_evidence_are_only_text(jiwoo: Client) -> None:
    hostile = make_experiment(f"{HOSTILE}-bct", path=inside("x"), task_type=HOSTILE)
    make_entry_point(hostile, default_script=HOSTILE)
    make_script(
        hostile, HOSTILE, reasons=[["text", HOSTILE]], warnings=[["text", HOSTILE]], types=[HOSTILE]
    )
    for field in ("task.type", "entry_points.train.default"):
        FieldProvenance.objects.create(
            experiment=hostile,
            field=field,
            source=FieldSource.SCANNED,
            confidence=Confidence.LIKELY,
            evidence=HOSTILE,
            reasons=[["text", HOSTILE]],
        )
    for page in (LIST, page_of(hostile), f"{page_of(hostile)[: -len('change/')]}history/"):
        text = jiwoo.get(page).text
        assert HOSTILE not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_the_page_says_where_values_come_from_and_what_is_missing(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"), zone=make_zone(plant=""))
    FieldProvenance.objects.create(
        experiment=bct, field="task.type", source=FieldSource.SCANNED, evidence="train.py:7"
    )
    text = jiwoo.get(page_of(bct), headers={"accept-language": "en"}).text
    assert "train.py:7" in text
    assert '<span class="gf-tag">plant</span>' in text
    assert '<span class="gf-tag">region</span>' not in text


def test_the_list_finds_a_customer_by_its_korean_name(jiwoo: Client) -> None:
    bct = make_experiment()
    assert bct.zone is not None
    customer = bct.zone.site.customer
    customer.display_name = "삼표산업"
    customer.save()
    make_experiment("lotte-ulsan-fire", zone=make_zone("lotte"))
    text = jiwoo.get(LIST, {"q": "삼표"}).text
    assert "sampyo-gimhae-bct" in text
    assert "lotte-ulsan-fire" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"task": "fire"}, {"lotte-ulsan-fire"}),
        ({"complete": "yes"}, {"sampyo-gimhae-bct"}),
        ({"complete": "no"}, {"lotte-ulsan-fire"}),
        ({"customer": "abc"}, {"sampyo-gimhae-bct", "lotte-ulsan-fire"}),
    ],
)
def test_filters_narrow_the_list(jiwoo: Client, query: dict[str, str], found: set[str]) -> None:
    make_experiment(completeness=100)
    make_experiment("lotte-ulsan-fire", task_type="fire", zone=make_zone("lotte"))
    rows = jiwoo.get(LIST, query).context["cl"].queryset
    assert {row.name for row in rows} == found


def test_the_list_costs_the_same_queries_for_three_and_for_thirty(jiwoo: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert jiwoo.get(LIST).status_code == 200
        return len(captured)

    for number in range(3):
        make_experiment(f"small-{number}", zone=make_zone(plant=f"plant{number}"))
    jiwoo.get(LIST)
    few = queries()
    for number in range(27):
        make_experiment(f"large-{number}", zone=make_zone("lotte", plant=f"plant{number}"))
    assert queries() == few


def test_history_shows_who_changed_what(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    jiwoo.post(page_of(bct), form_of(bct, owner="지우"))
    text = jiwoo.get(f"{LIST}{bct.pk}/history/").text
    assert "지우" in text
    assert "jiwoo" in text


def test_one_save_is_one_change_set_and_a_mistake_is_none(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    make_entry_point(bct)
    jiwoo.post(page_of(bct), form_of(bct, classes="hook\nhook"))
    assert not ChangeSet.objects.exists()
    data = form_of(bct, owner="지우") | {"entry_points-0-default_script": "train_v2.py"}
    jiwoo.post(page_of(bct), data)
    change_set = ChangeSet.objects.get()
    assert change_set.origin == ChangeOrigin.ADMIN
    assert change_set.by is not None
    assert "sampyo-gimhae-bct" in str(change_set.summary)
    for row in (bct, EntryPoint.objects.get()):
        assert row.history.first().change_set_id == change_set.pk
    page = jiwoo.get(f"/admin/registry_app/changeset/{change_set.pk}/change/").text
    assert "train_v2.py" in page
    assert "지우" in page


def test_what_is_deleted_here_belongs_to_a_change_set(jiwoo: Client) -> None:
    bct = make_experiment()
    jiwoo.post(f"{LIST}{bct.pk}/delete/", {"post": "yes"})
    assert not Experiment.objects.exists()
    assert ChangeSet.objects.get().origin == ChangeOrigin.ADMIN


def test_no_script_of_an_experiment_is_loaded_by_the_page(jiwoo: Client) -> None:
    bct = make_experiment(path=inside("sampyo-gimhae-bct"))
    make_script(bct, "train_yolov11_v2.py")
    text = jiwoo.get(page_of(bct)).text
    assert "train_yolov11_v2.py" in text
    assert 'src="train_yolov11_v2.py"' not in text


def test_entry_points_that_may_not_be_changed_are_shown_as_lines_with_their_secrets_masked(
    client: Client,
) -> None:
    """The groups of the portal may change both or neither; the rights of a user may differ."""
    reader = make_user("reader", is_staff=True)
    codenames = ("view_experiment", "change_experiment", "view_entrypoint")
    reader.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(reader)
    bct = make_experiment()
    secret = {"name": "password", "default": "hunter2hunter2"}
    make_entry_point(bct, patterns=["train*.py", HOSTILE], parameters=[secret])
    text = client.get(page_of(bct)).text
    assert "train*.py<br>&lt;img src=x onerror=alert(1)&gt;" in text
    assert "hunter2hunter2" not in text


def test_no_save_overwrites_what_another_user_saved_meanwhile(jiwoo: Client) -> None:
    experiment = make_experiment(path=inside("sampyo-gimhae-bct"))
    shown = jiwoo.get(page_of(experiment)).text
    held = re.search(r'name="seen" value="([^"]+)" form="experiment_form"', shown)
    assert held
    seen = held[1]
    mine = form_of(experiment, owner="지우", seen=seen)
    theirs = jiwoo.post(page_of(experiment), form_of(experiment, owner="민수", seen=seen))
    assert theirs.status_code == 302
    refused = jiwoo.post(page_of(experiment), mine)
    assert refused.status_code == 200
    assert "changed this after you opened it" in refused.text
    experiment.refresh_from_db()
    assert experiment.owner == "민수"
    newer = re.search(r'name="seen" value="([^"]+)"', refused.text)
    assert newer
    assert jiwoo.post(page_of(experiment), mine | {"seen": newer[1]}).status_code == 302
    experiment.refresh_from_db()
    assert experiment.owner == "지우"


def test_no_directory_gets_a_second_name(jiwoo: Client) -> None:
    make_experiment("bct", path=inside("bct"))
    ppe = make_experiment("ppe", path=inside("ppe"))
    answer = jiwoo.post(page_of(ppe), form_of(ppe, path="bct"))
    assert "ppe and bct name the same directory" in answer.content.decode()
    ppe.refresh_from_db()
    assert ppe.path == inside("ppe")

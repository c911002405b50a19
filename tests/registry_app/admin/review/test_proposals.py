"""Jiwoo answers what scans propose, and looks at the lines that it comes from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from registry_app.choices import ChangeOrigin, FieldSource, ProposalStatus
from registry_app.fields import provenance
from registry_app.models import ChangeSet, Experiment, FieldProvenance, Proposal
from tests.factories import make_directory, make_experiment, make_member, make_zone

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry_app/proposal/"
ENGLISH = {"accept-language": "en"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


@pytest.fixture
def bct(tmp_path: Path, settings: Settings) -> Experiment:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "sampyo-gimhae-bct", {"data.yaml": "# 분류\nnames: [truck, person]\n"})
    return make_experiment(path=str(tmp_path / "sampyo-gimhae-bct"), classes=["덤프트럭"])


def proposed(experiment: Experiment, field: str = "task.classes", **fields: Any) -> Proposal:
    values = {
        "held": ["덤프트럭"],
        "value": ["truck", "person"],
        "confidence": "sure",
        "evidence": "data.yaml:2",
        "reasons": [["list_of_names", {}]],
    }
    return Proposal.objects.create(experiment=experiment, field=field, **(values | fields))


def sent(client: Client, page: str = PAGE, **values: Any) -> dict[str, Any]:
    """What the form of the page would send, with these fields changed."""
    text = client.get(page).text
    fields = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', text))
    areas = re.findall(r'name="(value-\d+)"[^>]*>\n([^<]*)</textarea>', text)
    return fields | dict(areas) | values


def test_the_page_shows_both_values_and_a_link_to_the_line(jiwoo: Client, bct: Experiment) -> None:
    proposed(bct)
    text = jiwoo.get(PAGE, headers=ENGLISH).text
    for word in ("덤프트럭", "truck", "person", "Sure", "a list of names"):
        assert word in text
    link = re.search(r'href="([^"]+)">data\.yaml:2<', text)
    assert link
    source = jiwoo.get(link[1].replace("&amp;", "&"), headers=ENGLISH)
    assert source.status_code == 200
    assert re.search(
        r'id="L2" class="gf-hit" aria-current="true">.*names: \[truck, person\]', source.text
    )


def test_one_is_accepted(jiwoo: Client, bct: Experiment) -> None:
    row = proposed(bct)
    answer = jiwoo.post(PAGE, sent(jiwoo, accept=row.pk), follow=True, headers=ENGLISH)
    bct.refresh_from_db()
    assert bct.classes == ["truck", "person"]
    made = ChangeSet.objects.get()
    assert made.origin == ChangeOrigin.PROPOSAL
    assert "1 value was accepted" in answer.text
    assert f"/admin/registry_app/changeset/{made.pk}/change/" in answer.text
    assert FieldProvenance.objects.get().source == FieldSource.CURATED
    assert "jiwoo" in jiwoo.get(f"{PAGE}?show=answered").text


def test_one_is_edited_and_accepted(jiwoo: Client, bct: Experiment) -> None:
    row = proposed(bct)
    data = sent(jiwoo, accept=row.pk) | {f"value-{row.pk}": "truck\r\n\r\n사람\r\n"}
    assert jiwoo.post(PAGE, data).status_code == 302
    bct.refresh_from_db()
    assert bct.classes == ["truck", "사람"]
    row.refresh_from_db()
    assert row.accepted_value == ["truck", "사람"]


def test_many_are_accepted_or_rejected_at_once(jiwoo: Client, bct: Experiment) -> None:
    one, other = proposed(bct), proposed(bct, "site.region", held="gimhae", value="busan")
    third = proposed(bct, "site.zone", held="mixer", value="yard")
    data = sent(jiwoo, chosen=[one.pk, other.pk], accept="chosen")
    assert jiwoo.post(PAGE, data).status_code == 302
    assert ChangeSet.objects.count() == 1
    assert jiwoo.post(PAGE, sent(jiwoo, chosen=[third.pk], reject="chosen")).status_code == 302
    assert list(Proposal.objects.order_by("pk").values_list("status", flat=True)) == [
        *(ProposalStatus.ACCEPTED, ProposalStatus.ACCEPTED, ProposalStatus.REJECTED),
    ]
    bct.refresh_from_db()
    assert str(bct.zone) == "sampyo · busan · plant1 · mixer"


def test_a_rejection_is_listed_with_its_author_and_taken_back(
    jiwoo: Client, bct: Experiment
) -> None:
    row = proposed(bct)
    jiwoo.post(PAGE, sent(jiwoo, reject=row.pk))
    text = jiwoo.get(f"{PAGE}?show=rejected").text
    assert "jiwoo" in text
    assert "덤프트럭" in text
    jiwoo.post(f"{PAGE}?show=rejected", {"reconsider": row.pk})
    row.refresh_from_db()
    assert row.status == ProposalStatus.OPEN


def test_what_changed_meanwhile_is_refused_and_nothing_typed_is_lost(
    jiwoo: Client, bct: Experiment
) -> None:
    row = proposed(bct)
    data = sent(jiwoo, chosen=[row.pk], accept="chosen") | {f"value-{row.pk}": "트럭\n사람"}
    Experiment.objects.update(classes=["크레인"])
    answer = jiwoo.post(PAGE, data, headers=ENGLISH)
    assert answer.status_code == 409
    assert "changed after you opened the page" in answer.text
    assert "크레인" in answer.text
    assert "트럭\n사람</textarea>" in answer.text
    assert f'value="{row.pk}" checked' in answer.text
    assert not ChangeSet.objects.exists()
    again = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', answer.text))
    assert jiwoo.post(PAGE, data | again).status_code == 302
    bct.refresh_from_db()
    assert bct.classes == ["트럭", "사람"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"accept": "chosen"}, "choose at least one"),
        ({"accept": "x"}, "choose at least one"),
        ({}, "press one of the buttons"),
        ({"reject": "999999"}, "choose proposals that exist"),
    ],
)
def test_an_empty_form_is_reported(
    jiwoo: Client, bct: Experiment, data: dict[str, str], message: str
) -> None:
    row = proposed(bct)
    if not data:
        data = {"chosen": str(row.pk)}
    answer = jiwoo.post(PAGE, data, headers=ENGLISH)
    assert answer.status_code == 409
    assert message in answer.text
    assert Proposal.objects.open().count() == 1


def test_an_answer_leads_back_to_the_same_filters(jiwoo: Client, bct: Experiment) -> None:
    row = proposed(bct)
    page = f"{PAGE}?q=gimhae&about=task"
    assert jiwoo.post(page, sent(jiwoo, page, reject=row.pk))["Location"] == page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?q=lotte", 1),
        ("?q=classes", 1),
        ("?about=site", 1),
        ("?about=nonsense", 3),
        ("?confidence=unsure", 1),
        ("?show=rejected", 0),
        ("?show=nonsense&page=abc", 3),
        ("?experiment=999", 0),
        (f"?experiment={'9' * 40}", 0),
    ],
)
def test_the_list_is_narrowed(jiwoo: Client, bct: Experiment, query: str, count: int) -> None:
    proposed(bct)
    proposed(bct, "site.region", value="busan")
    lotte = make_experiment("lotte-fire", zone=make_zone("lotte"))
    proposed(lotte, "task.type", value="fire", confidence="unsure")
    text = jiwoo.get(f"{PAGE}{query}").text
    assert text.count("data-proposal") == count


@pytest.mark.parametrize("group", ["Viewer", "Engineer"])
def test_a_user_who_does_not_curate_only_looks(client: Client, bct: Experiment, group: str) -> None:
    client.force_login(make_member(group))
    row = proposed(bct)
    text = client.get(PAGE).text
    assert "truck" in text
    assert 'name="accept"' not in text
    assert client.post(PAGE, {"reject": row.pk}).status_code == 403
    row.refresh_from_db()
    assert row.status == ProposalStatus.OPEN


def test_an_answer_needs_a_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_member("PM"))
    assert strict.post(PAGE, {"reject": 1}).status_code == 403


def test_untrusted_text_is_only_text(jiwoo: Client, bct: Experiment) -> None:
    Experiment.objects.update(name=HOSTILE, classes=[HOSTILE])
    proposed(
        bct,
        held=[HOSTILE],
        value=[HOSTILE, "x"],
        evidence=f"{HOSTILE}.py:3",
        reasons=[["text", HOSTILE]],
    )
    proposed(bct, "site.zone", value=HOSTILE, evidence=HOSTILE)
    text = jiwoo.get(PAGE).text
    assert HOSTILE not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_hostile_file_is_only_text(jiwoo: Client, bct: Experiment, tmp_path: Path) -> None:
    file = tmp_path / "sampyo-gimhae-bct" / "train.py"
    file.write_text(f"{HOSTILE}\n</code><script>alert(1)</script>\n", encoding="utf-8")
    page = reverse("admin:registry_app_experiment_source", args=[bct.pk])
    text = jiwoo.get(page, {"path": "train.py", "line": "1"}).text
    assert HOSTILE not in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"path": "data.yaml"}, 200),
        ({"path": "data.yaml", "line": "77"}, 200),
        ({"path": "data.yaml", "line": "x"}, 200),
        ({"path": "../../etc/passwd"}, 404),
        ({"path": "weights.pt"}, 404),
        ({"path": HOSTILE}, 404),
        ({}, 404),
    ],
)
def test_the_file_page_says_what_it_cannot_show(
    jiwoo: Client, bct: Experiment, query: dict[str, str], status: int
) -> None:
    page = reverse("admin:registry_app_experiment_source", args=[bct.pk])
    answer = jiwoo.get(page, query)
    assert answer.status_code == status
    assert HOSTILE not in answer.text


def test_a_file_is_for_those_who_see_experiments_and_is_only_read(
    client: Client, bct: Experiment
) -> None:
    page = reverse("admin:registry_app_experiment_source", args=[bct.pk])
    client.force_login(make_member("Viewer"))
    assert client.get(page, {"path": "data.yaml"}).status_code == 200
    assert client.post(page, {"path": "data.yaml"}).status_code == 405
    stranger = make_member("Viewer", "stranger")
    stranger.groups.clear()
    client.force_login(stranger)
    assert client.get(page, {"path": "data.yaml"}).status_code == 403
    assert client.get(PAGE).status_code == 403


def test_lists_and_home_tell_what_needs_a_look(jiwoo: Client, bct: Experiment) -> None:
    proposed(bct)
    make_experiment("gone", missing_since=timezone.now())
    make_experiment("fine")
    listed = "/admin/registry_app/experiment/"
    text = jiwoo.get(listed, headers=ENGLISH).text
    assert "1 proposal" in text
    assert "directory not found" in text
    for look, name in (("missing", "gone"), ("proposals", "sampyo-gimhae-bct")):
        rows = jiwoo.get(listed, {"look": look}).context["cl"].queryset
        assert [row.name for row in rows] == [name]
    home = jiwoo.get("/admin/?as=pm", headers=ENGLISH).context
    figures = {figure.label: figure.count for figure in home["figures"]}
    assert figures["Open proposals"] == 1
    page = jiwoo.get(f"{listed}{bct.pk}/", headers=ENGLISH).text
    assert f"/admin/registry_app/proposal/?experiment={bct.pk}" in page


def test_a_value_written_by_hand_answers_its_proposal(jiwoo: Client, bct: Experiment) -> None:
    from tests.registry_app.admin.test_experiments import form_of

    row = proposed(bct)
    page = reverse("admin:registry_app_experiment_change", args=[bct.pk])
    assert jiwoo.post(page, form_of(bct, classes="truck\nperson")).status_code == 302
    row.refresh_from_db()
    assert row.status == ProposalStatus.WITHDRAWN


def test_more_proposals_need_no_more_queries(jiwoo: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert jiwoo.get(PAGE).status_code == 200
        return len(asked)

    def fill(number: int) -> None:
        experiment = make_experiment(f"e{number}", zone=make_zone(plant=f"p{number}"))
        provenance.record(experiment, ["task.classes"], source=FieldSource.CURATED)
        proposed(experiment)
        proposed(experiment, "site.region", value="busan")

    fill(0)
    jiwoo.get(PAGE)
    few = queries()
    for number in range(1, 20):
        fill(number)
    assert queries() == few


def test_long_lists_come_in_pages(jiwoo: Client) -> None:
    for number in range(60):
        proposed(make_experiment(f"e{number:03}"))
    first = jiwoo.get(PAGE).text
    assert first.count("data-proposal") == 50
    assert "page=2" in first
    assert jiwoo.get(f"{PAGE}?page=2").text.count("data-proposal") == 10


def test_a_field_is_handed_back_to_the_scans(jiwoo: Client, bct: Experiment) -> None:
    provenance.record(bct, ["task.classes"], source=FieldSource.CURATED)
    page = reverse("admin:registry_app_experiment_detail", args=[bct.pk])
    assert 'name="field" value="task.classes"' in jiwoo.get(page).text
    hand_back = reverse("admin:registry_app_experiment_hand-back", args=[bct.pk])
    answer = jiwoo.post(hand_back, {"field": "task.classes"}, follow=True, headers=ENGLISH)
    assert "follows the scans again" in answer.text
    origin = FieldProvenance.objects.get()
    assert (origin.source, str(origin.by)) == (FieldSource.SCANNED, "jiwoo")
    bct.refresh_from_db()
    assert bct.classes == ["덤프트럭"]
    assert 'name="field"' not in jiwoo.get(page).text
    answer = jiwoo.post(hand_back, {"field": "task.classes"}, follow=True, headers=ENGLISH)
    assert "scans decide this field already" in answer.text


def test_only_those_who_curate_hand_back(client: Client, bct: Experiment) -> None:
    provenance.record(bct, ["task.classes"], source=FieldSource.CURATED)
    hand_back = reverse("admin:registry_app_experiment_hand-back", args=[bct.pk])
    client.force_login(make_member("Viewer"))
    assert client.post(hand_back, {"field": "task.classes"}).status_code == 403
    assert client.get(hand_back).status_code == 405
    assert FieldProvenance.objects.get().source == FieldSource.CURATED

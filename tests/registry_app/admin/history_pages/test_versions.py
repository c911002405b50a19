"""Old versions are read-only; none can be written back through its page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.messages import plain
from registry_app.models import ChangeSet, Customer, Experiment
from tests.factories import make_entry_point, make_experiment, make_member, make_zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def gimhae(tmp_path: Path, settings: Any) -> Experiment:
    """Sampyo Gimhae, whose owner was Minsu and is Jiwoo now."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    experiment = make_experiment(path=str(tmp_path / "sampyo-gimhae-bct"), owner="Minsu")
    with change_set(ChangeOrigin.ADMIN, by=make_member("PM", "jiwoo"), summary=plain("an owner")):
        experiment.owner = "Jiwoo"
        experiment.save()
    return experiment


def first_version(row: Any) -> str:
    """The address of the oldest version of a row."""
    name = f"admin:registry_app_{type(row)._meta.model_name}_simple_history"
    return reverse(name, args=[row.pk, row.history.earliest("history_id").pk])


def browser(group: str) -> Client:
    client = Client()
    known = User.objects.filter(username=f"{group.lower()}-jiwoo").first()
    client.force_login(known or make_member(group))
    return client


@pytest.mark.parametrize("group", ["Viewer", "Engineer", "PM", "Administrator"])
def test_a_valid_form_sent_to_an_old_version_writes_nothing(gimhae: Experiment, group: str) -> None:
    versions, sets = gimhae.history.count(), ChangeSet.objects.count()
    form = {
        "name": gimhae.name,
        "path": str(Path(gimhae.path).parent / "elsewhere"),
        "classes": "",
        "aliases": "",
        "notes": "taken",
        "_save": "Save",
    }
    assert browser(group).post(first_version(gimhae), form).status_code == 405
    assert gimhae.history.count() == versions
    assert ChangeSet.objects.count() == sets
    assert Experiment.objects.get().path == gimhae.path


def test_a_deleted_row_does_not_come_back_through_its_old_version() -> None:
    customer = Customer.objects.create(name="donghwa")
    address = first_version(customer)
    customer.delete()
    viewer = browser("Viewer")
    assert viewer.post(address, {"name": "donghwa", "aliases": ""}).status_code == 405
    assert not Customer.objects.exists()
    shown = viewer.get(address)
    assert shown.status_code == 200
    assert "This row was deleted since" in shown.text


def test_a_version_shows_the_values_then_and_now(gimhae: Experiment) -> None:
    text = browser("Viewer").get(first_version(gimhae)).text
    assert "<td>Minsu</td>" in text
    assert '<span class="gf-new">Jiwoo</span>' in text
    assert "_save" not in text


def test_a_version_leads_to_the_change_set_that_can_be_undone(gimhae: Experiment) -> None:
    newest = gimhae.history.latest("history_id")
    address = reverse(
        "admin:registry_app_experiment_simple_history", args=[gimhae.pk, newest.history_id]
    )
    page = reverse("admin:registry_app_changeset_change", args=[newest.change_set_id])
    assert f'href="{page}"' in browser("Viewer").get(address).text


def test_a_version_of_another_row_is_not_there(gimhae: Experiment) -> None:
    other = make_experiment("donghwa-ppe")
    version = other.history.latest("history_id").history_id
    address = reverse("admin:registry_app_experiment_simple_history", args=[gimhae.pk, version])
    assert browser("PM").get(address).status_code == 404


@pytest.mark.parametrize("number", ["x", "0", "9" * 30, "-1"])
def test_a_number_that_no_version_can_have_leads_nowhere(gimhae: Experiment, number: str) -> None:
    pm = browser("PM")
    base = "/admin/registry_app/experiment"
    assert pm.get(f"{base}/{gimhae.pk}/history/{number}/").status_code == 404
    assert pm.get(f"{base}/{number}/history/1/").status_code == 404
    assert pm.get(f"{base}/{number}/history/").status_code == 404


def history(row: Any, language: str = "en") -> str:
    """What a viewer reads in the history of a row."""
    name = f"admin:registry_app_{type(row)._meta.model_name}_history"
    answer = browser("Viewer").get(
        reverse(name, args=[row.pk]), headers={"accept-language": language}
    )
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_what_was_empty_before_is_never_called_deleted(gimhae: Experiment) -> None:
    gimhae.zone = None
    gimhae.save()
    zone = make_zone("donghwa-entec", "busan", "", "")
    Customer.objects.update(display_name="동화엔텍")
    with change_set(ChangeOrigin.ADMIN, summary=plain("a place")) as made:
        gimhae.zone = zone
        gimhae.save()
    for text in (history(gimhae), page_of(made)):
        assert "Zone : none → 동화엔텍 · busan · unknown" in text
        assert "pk=None" not in text
    assert "구역 : 없음 → 동화엔텍 · busan · 알 수 없음" in history(gimhae, "ko")


def page_of(change_set: ChangeSet) -> str:
    address = reverse("admin:registry_app_changeset_change", args=[change_set.pk])
    answer = browser("Viewer").get(address, headers={"accept-language": "en"})
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_place_that_is_gone_keeps_its_name(gimhae: Experiment) -> None:
    old, new = make_zone("donghwa", "busan", "", "welding"), make_zone("donghwa", "busan", "", "")
    gimhae.zone = old
    gimhae.save()
    gimhae.zone = new
    gimhae.save()
    old.delete()
    assert "donghwa · busan · welding → donghwa · busan · unknown" in history(gimhae)


def test_entry_points_are_part_of_the_history_and_lists_are_words(gimhae: Experiment) -> None:
    with change_set(ChangeOrigin.ADMIN, summary=plain("how it starts")) as made:
        entry = make_entry_point(gimhae, patterns=["train*.py"], args_template="--token abc")
    gimhae.aliases = ["부산 안전모 1호", "BCT"]
    gimhae.save()
    entry.patterns = ["train_*.py", "fit.py"]
    entry.args_template = "--token xyz"
    entry.save()
    text = history(gimhae)
    assert "Entry point Train · Created Default script : none → train.py" in text
    assert "Patterns : train*.py → train_*.py fit.py" in text
    assert "Aliases : none → 부산 안전모 1호 BCT" in text
    assert "Argument template" in text
    assert not re.search(r"\['|abc|xyz", text)
    assert "Default script : none → train.py" in page_of(made)
    entry.delete()
    assert "Entry point Train · Deleted" in history(gimhae)


def test_a_deleted_experiment_keeps_its_whole_history(gimhae: Experiment) -> None:
    make_entry_point(gimhae)
    gone = Experiment(pk=gimhae.pk)
    gimhae.delete()
    text = history(gone)
    assert "Jiwoo" in text
    assert "Entry point Train · Deleted" in text


def test_a_long_history_is_paged_and_costs_the_same_queries(gimhae: Experiment) -> None:
    def queries() -> int:
        viewer.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert viewer.get(address).status_code == 200
        return len(seen)

    viewer = browser("Viewer")
    address = reverse("admin:registry_app_experiment_history", args=[gimhae.pk])
    gimhae.owner = "Sora"
    gimhae.save()
    few = queries()
    for number in range(60):
        gimhae.owner = f"owner {number}"
        gimhae.save()
    assert queries() == few
    assert "owner 59" in history(gimhae)
    assert "owner 3 " in viewer.get(f"{address}?p=2").text.replace("<", " <")


@pytest.mark.parametrize("group", ["Viewer", "Engineer"])
def test_a_read_only_page_shows_the_fields_of_its_own_row_once(group: str) -> None:
    customer = Customer.objects.create(name="donghwa", aliases=["동화", "DH"])
    address = reverse("admin:registry_app_customer_detail", args=[customer.pk])
    text = browser(group).get(address, headers={"accept-language": "en"}).text
    (facts,) = re.findall(r'<dl class="gfd-facts.*?</dl>', text, re.DOTALL)
    assert re.findall(r"<dt>(.*?)</dt>", facts) == ["Name", "Aliases"]
    assert "동화, DH" in text

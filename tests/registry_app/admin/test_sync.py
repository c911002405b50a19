"""The page of the sync: its state, and answers to what both sides changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from registry_app.admin.sync import seen_of
from registry_app.models import Experiment, SyncQuestion
from registry_app.sync.run import sync
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:registry_app_syncquestion_changelist")


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """A file whose owners differ from those of the portal."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_REGISTRY = path = tmp_path / "experiments.yaml"
    text = "experiments:\n  bct: {path: bct, owner: jiwoo}\n  fall: {path: fall, owner: jiwoo}\n"
    path.write_text(text, encoding="utf-8")
    sync()
    Experiment.objects.update(owner="<b>sujin")
    path.write_text(text.replace("jiwoo", "minsu"), encoding="utf-8")
    sync()
    return path


def form(**fields: str | list[str]) -> dict[str, str | list[str]]:
    return {f"seen-{row.pk}": seen_of(row) for row in SyncQuestion.objects.all()} | fields


def test_one_value_is_taken_from_a_side_and_one_is_written(client: Client, file: Path) -> None:
    client.force_login(make_member("PM"))
    bct, fall = SyncQuestion.objects.all()
    page = client.get(PAGE).text
    assert "minsu" in page
    assert "&lt;b&gt;sujin" in page
    assert client.post(PAGE, form(portal=str(bct.pk))).status_code == 302
    assert "owner: <b>sujin" in file.read_text(encoding="utf-8")
    answer = client.post(PAGE, form(value=str(fall.pk), **{f"value-{fall.pk}": "yuna"}))
    assert answer.status_code == 302
    assert Experiment.objects.get(name="fall").owner == "yuna"
    assert "Nothing is open." in client.get(PAGE).text


def test_many_are_answered_at_once(client: Client, file: Path) -> None:
    client.force_login(make_member("PM"))
    chosen = [str(row.pk) for row in SyncQuestion.objects.all()]
    client.post(PAGE, form(file="chosen", chosen=chosen))
    assert set(Experiment.objects.values_list("owner", flat=True)) == {"minsu"}


def test_an_answer_counts_for_what_its_reader_saw(client: Client, file: Path) -> None:
    client.force_login(make_member("PM"))
    bct = SyncQuestion.objects.all()[0]
    late = form(file=str(bct.pk))
    Experiment.objects.filter(name="bct").update(owner="yuna")
    sync()
    answer = client.post(PAGE, late)
    assert answer.status_code == 409
    assert "changed after you opened the page" in answer.text
    assert Experiment.objects.get(name="bct").owner == "yuna"
    assert client.post(PAGE, form(file="chosen")).status_code == 409


def test_an_invalid_file_is_named_and_a_later_sync_clears_it(client: Client, file: Path) -> None:
    client.force_login(make_member("PM"))
    text = file.read_text(encoding="utf-8")
    file.write_text("experiments: []\n", encoding="utf-8")
    assert client.post(PAGE).status_code == 409
    assert "has problems" in client.get(PAGE).text
    file.write_text(text, encoding="utf-8")
    assert client.post(PAGE).status_code == 302
    assert "has problems" not in client.get(PAGE).text

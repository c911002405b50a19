"""One click lets the portal's Python start a script whose own environment is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from registry_app.changes.undo import undo
from registry_app.models import ChangeSet, FieldProvenance
from tests.factories import make_member
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

NEW = "/admin/runs_app/run/new/"


def test_the_form_offers_it_and_the_change_can_be_undone(home: Home) -> None:
    experiment = home.experiment()
    (Path(experiment.path) / ".venv/bin").mkdir(parents=True)
    (Path(experiment.path) / ".venv/bin/python").symlink_to("/nowhere/python3.8")
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(make_member("Engineer"))
    address = f"{NEW}?type=train&experiment={experiment.pk}"
    page = browser.get(address).text
    assert "leads to /nowhere/python3.8, which is not on this machine" in page
    assert 'data-role="portal-python">' in page
    sent = {"type": "train", "experiment": experiment.pk, "portal_python": experiment.pk}
    answer = browser.post(f"{NEW}portal-python/", sent)
    assert answer.headers["Location"] == address
    assert experiment.entry_points.get().interpreter == "portal"
    assert FieldProvenance.objects.get(field="entry_points.train.interpreter").source == "curated"
    page = browser.get(address).text
    assert 'data-role="portal-python" hidden' in page
    assert "is not on this machine" not in page
    undo(ChangeSet.objects.get(), by=None)
    assert experiment.entry_points.get().interpreter == ""


def test_who_may_not_run_scripts_may_not_press_it(home: Home) -> None:
    experiment = home.experiment()
    browser = Client()
    browser.force_login(make_member("PM"))
    sent = {"type": "train", "experiment": experiment.pk}
    assert browser.post(f"{NEW}portal-python/", sent).status_code == 403
    assert experiment.entry_points.get().interpreter == ""

"""Names that turn the text around them are written out, wherever pages show them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import Client, RequestFactory
from django.utils.html import format_html
from pytest_django import Settings

from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet
from tests.factories import make_entry_point, make_experiment, make_member, make_script

NAME = "train_r\u202egnp.py"
SHOWN = "train_r[U+202E]gnp.py"


def test_a_message_hides_nothing_and_html_stays_html(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    stored = default_storage(request)
    stored.add(messages.INFO, f"<b>{NAME}</b>")
    stored.add(messages.INFO, format_html("<b>{}</b>", NAME))
    plain, html = (item.message for item in stored)
    assert (plain, html) == (f"<b>{SHOWN}</b>", f"<b>{SHOWN}</b>")
    assert not hasattr(plain, "__html__")
    assert hasattr(html, "__html__")


@pytest.mark.django_db
def test_no_page_lets_a_name_turn_its_text(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "bct").mkdir()
    (tmp_path / "bct" / NAME).write_text("print(1)\n")
    experiment = make_experiment("bct", path=str(tmp_path / "bct"))
    make_script(experiment, path=NAME, reasons=[["runners_up", {"paths": NAME}]])
    entry = make_entry_point(experiment, default_script="")
    with change_set(ChangeOrigin.ADMIN):
        entry.default_script = NAME
        entry.save()
    client.force_login(make_member("Administrator"))
    for page in (
        f"/admin/registry_app/changeset/{ChangeSet.objects.get().pk}/change/",
        f"/admin/registry_app/experiment/{experiment.pk}/source/?path=train_r%E2%80%AEgnp.py",
        "/admin/portal/auditentry/",
    ):
        text = client.get(page).content.decode()
        assert SHOWN in text, page
        assert NAME not in text, page

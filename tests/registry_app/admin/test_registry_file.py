"""A registry file goes in and out through the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry_app.choices import ChangeOrigin
from registry_app.document.reader import MAX_BYTES
from registry_app.models import ChangeSet, Experiment
from tests.factories import make_entry_point, make_experiment, make_member

pytestmark = pytest.mark.django_db
PAGE = "/admin/registry_app/experiment/import-yaml/"
ENGLISH = {"accept-language": "en"}


def a_file(owner: str = "지우", name: str = "sampyo-gimhae-bct") -> bytes:
    path = settings.GUARDIANFLOW_ROOTS[0] / name
    return f"""\
experiments:
  {name}:
    path: {path}
    site:
      customer: sampyo
      region: gimhae
      plant: plant1
      zone: mixer
    task:
      type: bct
      classes: [안전모, vest]
    owner: {owner}
""".encode()


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def upload(client: Client, data: bytes, name: str = "experiments.yaml") -> tuple[str, str]:
    """Send a file; return the page and the note with which it may be confirmed."""
    answer = client.post(PAGE, {"file": SimpleUploadedFile(name, data)}, headers=ENGLISH)
    return answer.text, answer.context.get("token", "") or ""


def test_a_preview_shows_everything_and_writes_nothing(jiwoo: Client) -> None:
    make_experiment(path="/old", owner="minsu")
    text, token = upload(jiwoo, a_file())
    assert token
    assert '<span class="gf-old">minsu</span>' in text
    assert '<span class="gf-new">지우</span>' in text
    assert "안전모, vest" in text
    assert Experiment.objects.get().owner == "minsu"
    assert not ChangeSet.objects.exists()


def test_confirming_writes_it_as_one_change_set(jiwoo: Client) -> None:
    _text, token = upload(jiwoo, a_file())
    answer = jiwoo.post(PAGE, {"confirm": token})
    change_set = ChangeSet.objects.get()
    assert answer["Location"] == f"/admin/registry_app/changeset/{change_set.pk}/change/"
    assert change_set.origin == ChangeOrigin.IMPORT
    assert change_set.by is not None
    assert Experiment.objects.get().classes == ["안전모", "vest"]
    assert "experiments.yaml" in jiwoo.get(answer["Location"]).text


def test_a_preview_is_confirmed_once(jiwoo: Client) -> None:
    _text, token = upload(jiwoo, a_file())
    jiwoo.post(PAGE, {"confirm": token})
    Experiment.objects.update(owner="minsu")
    assert jiwoo.post(PAGE, {"confirm": token}).status_code == 422
    assert Experiment.objects.get().owner == "minsu"


def test_rows_that_changed_meanwhile_are_not_overwritten(jiwoo: Client) -> None:
    experiment = make_experiment(owner="")
    _text, token = upload(jiwoo, a_file())
    experiment.owner = "minsu"
    experiment.save()
    answer = jiwoo.post(PAGE, {"confirm": token}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "changed after this preview" in answer.text
    assert Experiment.objects.get().owner == "minsu"


def test_no_user_confirms_the_preview_of_another(jiwoo: Client) -> None:
    _text, token = upload(jiwoo, a_file())
    other = Client()
    other.force_login(make_member("PM", "sora"))
    assert other.post(PAGE, {"confirm": token}).status_code == 422
    assert jiwoo.post(PAGE, {"confirm": f"{token}x"}).status_code == 422
    assert not Experiment.objects.exists()


def test_the_uploaded_file_is_private_and_goes_when_confirmed(jiwoo: Client) -> None:
    held = Path(settings.SPOOL_DIR) / "registry-files"
    _text, token = upload(jiwoo, a_file())
    newest = max(held.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert newest.stat().st_mode & 0o777 == 0o600
    jiwoo.post(PAGE, {"confirm": token})
    assert not newest.exists()


def test_every_problem_is_named_with_its_line(jiwoo: Client) -> None:
    text, token = upload(
        jiwoo, b"experiments:\n  bct:\n    path: /etc\n    ownr: x\n    site: [1]\n"
    )
    assert not token
    for line in ("3", "4", "5"):
        assert f'<td class="gf-tight">{line}</td>' in text


def test_hostile_files_are_refused_as_text(jiwoo: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    text, token = upload(jiwoo, f"experiments:\n  ok:\n    '{hostile}': 1\n".encode(), hostile)
    assert not token
    assert hostile not in text


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"[" * 5000, b"x" * (MAX_BYTES + 1)])
def test_what_is_no_registry_file_is_refused(jiwoo: Client, data: bytes) -> None:
    answer = jiwoo.post(PAGE, {"file": SimpleUploadedFile("experiments.yaml", data)})
    assert answer.status_code == 422
    assert not Experiment.objects.exists()


def test_an_import_needs_a_token_of_the_form() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_member("PM"))
    answer = strict.post(PAGE, {"file": SimpleUploadedFile("experiments.yaml", a_file())})
    assert answer.status_code == 403


def test_an_export_is_what_an_import_takes(jiwoo: Client) -> None:
    upload_and_confirm = upload(jiwoo, a_file())[1]
    jiwoo.post(PAGE, {"confirm": upload_and_confirm})
    make_entry_point(Experiment.objects.get(), patterns=["train*.py"])
    answer = jiwoo.get("/admin/registry_app/experiment/export-yaml/")
    assert "attachment" in answer["Content-Disposition"]
    text, _token = upload(jiwoo, answer.content)
    assert "there is nothing to apply" in text

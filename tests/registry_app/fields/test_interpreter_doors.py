"""A PM sets an interpreter outside of the directory: every entry point refuses it, and nothing is "
"written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from registry_app.changes import answers
from registry_app.changes.answers import Answer, seen_of
from registry_app.changes.change_sets import change_set
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin
from registry_app.exceptions import RegistryError
from registry_app.models import EntryPoint, Proposal
from registry_app.resources import EntryPointResource
from tests.factories import make_entry_point, make_experiment, make_member
from tests.registry_app.forms import save_page
from tests.registry_app.sheets import bring_in, problems, sheet
from tests.stories.browser import Page

pytestmark = pytest.mark.django_db

FIND = "/usr/bin/find"
ELSEWHERE = "/tmp/x/python"
IMPORT = "/admin/registry_app/experiment/import-yaml/"


@pytest.fixture
def roots(settings: Settings, tmp_path: Path) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "bct").mkdir()
    return tmp_path


@pytest.fixture
def entry(roots: Path) -> EntryPoint:
    return make_entry_point(make_experiment("bct", path=str(roots / "bct")))


@pytest.fixture
def jiwoo() -> User:
    """A PM: curates, and may not run scripts."""
    return make_member("PM", "jiwoo")


@pytest.fixture
def minsu() -> User:
    """An administrator: curates, and may run scripts."""
    return make_member("Administrator", "minsu")


def stored() -> str:
    return EntryPoint.objects.get().interpreter


def by_form(user: User, entry: EntryPoint, written: str) -> str:
    is_fine = written == ".venv/bin/python" or user.username == "minsu"
    return save_page(user, entry, {"interpreter": written}, status=302 if is_fine else 200)


def by_yaml(user: User, entry: EntryPoint, written: str) -> str:
    client = Client()
    client.force_login(user)
    text = (
        f"experiments:\n  bct:\n    path: {entry.experiment.path}\n"
        f"    entry_points:\n      train:\n        interpreter: {written}\n"
    )
    shown = client.post(IMPORT, {"file": SimpleUploadedFile("x.yaml", text.encode())})
    if 'name="confirm"' not in shown.text:
        return shown.text
    form = Page(status=200, url=IMPORT, text=shown.text, headers={}).form("confirm")
    values = dict(form.fields) | dict(form.buttons)
    return client.post(IMPORT, values, follow=True).text


def by_sheet(user: User, entry: EntryPoint, written: str) -> str:
    data = sheet(["experiment", "type", "interpreter"], ["bct", "train", written])
    return problems(bring_in(EntryPointResource, data, user=user))


def by_proposal(user: User, entry: EntryPoint, written: str) -> str:
    row = Proposal.objects.create(
        experiment=entry.experiment, field="entry_points.train.interpreter", value=written
    )
    try:
        answers.accept([Answer(pk=row.pk, seen=seen_of(row, ""))], by=user)
    except RegistryError as error:
        return str(error)
    return ""


def by_undo(user: User, entry: EntryPoint, written: str) -> str:
    entry.interpreter = written
    entry.save()
    with change_set(ChangeOrigin.ADMIN) as made:
        entry.interpreter = ""
        entry.save()
    try:
        undo(made, by=user)
    except RegistryError as error:
        return str(error)
    return ""


Door = Callable[[User, EntryPoint, str], str]
DOORS = [by_form, by_yaml, by_sheet, by_proposal, by_undo]


@pytest.mark.parametrize("door", DOORS)
def test_a_pm_sets_no_program_outside_the_directory(
    door: Door, jiwoo: User, entry: EntryPoint
) -> None:
    assert "outside the directory" in door(jiwoo, entry, ELSEWHERE)
    assert stored() == ""


@pytest.mark.parametrize("door", DOORS)
def test_a_pm_sets_one_inside_it(door: Door, jiwoo: User, entry: EntryPoint) -> None:
    door(jiwoo, entry, ".venv/bin/python")
    assert stored() == ".venv/bin/python"


@pytest.mark.parametrize("door", DOORS)
def test_a_pm_sets_one_that_an_administrator_listed(
    door: Door, jiwoo: User, entry: EntryPoint, settings: Settings
) -> None:
    settings.GUARDIANFLOW_INTERPRETERS = ["/tmp/x/"]
    if door is by_form:
        save_page(jiwoo, entry, {"interpreter": ELSEWHERE})
    else:
        door(jiwoo, entry, ELSEWHERE)
    assert stored() == ELSEWHERE


@pytest.mark.parametrize("door", DOORS)
def test_a_user_who_may_run_scripts_sets_any(door: Door, minsu: User, entry: EntryPoint) -> None:
    door(minsu, entry, ELSEWHERE)
    assert stored() == ELSEWHERE


@pytest.mark.parametrize("door", [by_form, by_yaml, by_sheet, by_proposal])
def test_a_program_that_is_no_python_is_refused_to_all(
    door: Door, minsu: User, entry: EntryPoint
) -> None:
    answer = (
        save_page(minsu, entry, {"interpreter": FIND}, status=200)
        if door is by_form
        else door(minsu, entry, FIND)
    )
    assert "not named like a Python" in answer
    assert stored() == ""


def test_one_that_an_engineer_set_does_not_keep_a_pm_from_saving(
    jiwoo: User, entry: EntryPoint
) -> None:
    EntryPoint.objects.update(interpreter=ELSEWHERE)
    save_page(jiwoo, entry, {"timeout_s": "60"})
    entry.refresh_from_db()
    assert (entry.interpreter, entry.timeout_s) == (ELSEWHERE, 60)
    assert "already says all of this" in by_yaml(jiwoo, entry, ELSEWHERE)


def test_a_command_in_a_shell_sets_any_python(entry: EntryPoint, tmp_path: Path) -> None:
    file = tmp_path / "experiments.yaml"
    output = {"path": entry.experiment.path, "entry_points": {"train": {"interpreter": ELSEWHERE}}}
    file.write_text(json.dumps({"experiments": {"bct": output}}))
    call_command("import_registry", str(file))
    assert stored() == ELSEWHERE
    file.write_text(file.read_text().replace(ELSEWHERE, FIND))
    with pytest.raises(CommandError):
        call_command("import_registry", str(file))
    assert stored() == ELSEWHERE

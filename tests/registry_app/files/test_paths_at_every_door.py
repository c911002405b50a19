"""An experiment may not be led out of the roots by a link, whichever way its path is set."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.doctor import report
from registry_app.admin.source_file import read_lines
from registry_app.changes import change_sets, undo
from registry_app.choices import ChangeOrigin
from registry_app.exceptions import PathRefusedError, RegistryError
from registry_app.files.paths import experiment_place
from registry_app.messages import plain
from registry_app.models import ChangeSet, Experiment
from runs_app.exceptions import DirectoryRefusedError
from runs_app.preflight import directory
from tests.factories import make_experiment

pytestmark = pytest.mark.django_db
SECRET = "password: of-the-nas"


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    """A root with one experiment, in which a link leads to a folder of another department."""
    root = tmp_path / "experiments"
    (root / "ppe").mkdir(parents=True)
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas/secret.yaml").write_text(SECRET)
    (root / "ppe/nas").symlink_to(tmp_path / "nas")
    settings.GUARDIANFLOW_ROOTS = [root]
    return root


@pytest.fixture
def ppe(root: Path) -> Experiment:
    return make_experiment("donghwa-entec-ppe", path=str(root / "ppe"))


@pytest.fixture
def stored(root: Path) -> Experiment:
    """One that was stored before there was the rule."""
    return make_experiment("stored-before", path=str(root / "ppe/nas"))


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("jiwoo"))
    return client


def form_of(client: Client, experiment: Experiment) -> dict[str, str]:
    """Return the fields of the form as a browser would send them."""
    page = client.get(reverse("admin:registry_app_experiment_change", args=[experiment.pk]))
    sent: dict[str, str] = {}
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = ", ".join(value) if isinstance(value, list) else str(value)
    return sent


def test_the_form_refuses_it(jiwoo: Client, ppe: Experiment, root: Path) -> None:
    sent = form_of(jiwoo, ppe) | {"path": str(root / "ppe/nas")}
    page = jiwoo.post(reverse("admin:registry_app_experiment_change", args=[ppe.pk]), sent)
    assert page.status_code == 200
    assert "leads by a link" in str(page.context["errors"])
    ppe.refresh_from_db()
    assert ppe.path == str(root / "ppe")


def test_the_form_keeps_one_that_was_stored_before(jiwoo: Client, stored: Experiment) -> None:
    sent = form_of(jiwoo, stored) | {"owner": "minsu"}
    page = jiwoo.post(reverse("admin:registry_app_experiment_change", args=[stored.pk]), sent)
    assert page.status_code == 302, page.context and page.context["errors"]
    stored.refresh_from_db()
    assert stored.owner == "minsu"


def test_a_registry_file_refuses_it(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "experiments.yaml"
    file.write_text(f"experiments:\n  out:\n    path: {root}/ppe/nas\n")
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("import_registry", str(file))
    assert "leads by a link" in capsys.readouterr().err
    assert not Experiment.objects.exists()


def test_undo_does_not_bring_it_back(ppe: Experiment, root: Path) -> None:
    (root / "ppe/nas").unlink()
    (root / "ppe/nas").mkdir()
    Experiment.objects.get(pk=ppe.pk).save()
    for path in ("ppe/nas", "ppe"):
        with change_sets.change_set(ChangeOrigin.ADMIN, by=None, summary=plain(path)):
            ppe.path = str(root / path)
            ppe.save()
    (root / "ppe/nas").rmdir()
    (root / "ppe/nas").symlink_to(root.parent / "nas")
    with pytest.raises(RegistryError, match="leads by a link"):
        undo.undo(ChangeSet.objects.latest("pk"), by=None)
    ppe.refresh_from_db()
    assert ppe.path == str(root / "ppe")


def test_nothing_of_a_stored_one_is_shown_or_started(jiwoo: Client, stored: Experiment) -> None:
    page = reverse("admin:registry_app_experiment_source", args=[stored.pk])
    answer = jiwoo.get(page, {"path": "secret.yaml"})
    assert answer.status_code == 404
    assert SECRET not in answer.content.decode()
    with pytest.raises(DirectoryRefusedError, match="leads by a link"):
        directory.usable_directory(stored)


def test_the_doctor_lists_it(stored: Experiment, ppe: Experiment) -> None:
    output = [line.text for line in report.examine() if line.area == "paths"]
    assert len(output) == 1
    assert output[0].startswith("stored-before: ")


def test_a_link_that_is_put_in_the_way_later_shows_nothing(ppe: Experiment, root: Path) -> None:
    """The place that was checked counts, not where its name leads when the file is opened."""
    (root / "ppe/config.yaml").write_text("epochs: 3\n")
    place = experiment_place(ppe)
    assert read_lines(place, "config.yaml").lines == ("epochs: 3",)
    (root / "ppe").rename(root / "moved")
    (root.parent / "nas/config.yaml").write_text(SECRET)
    (root / "ppe").symlink_to(root.parent / "nas")
    with pytest.raises(RegistryError, match="does not exist any more"):
        read_lines(place, "config.yaml")


def test_a_child_of_a_root_may_be_a_link(root: Path) -> None:
    (root / "linked").symlink_to(root.parent / "nas")
    linked = make_experiment("linked", path=str(root / "linked"))
    assert read_lines(experiment_place(linked), "secret.yaml").lines == (SECRET,)
    with pytest.raises(PathRefusedError):
        experiment_place(make_experiment("deeper", path=str(root / "ppe/nas")))

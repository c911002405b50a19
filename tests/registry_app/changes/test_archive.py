"""Archived experiments: out of lists, files and scans, with their runs, and back again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registry_app.changes.archive import archive, restore
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import FieldSource, ProposalStatus
from registry_app.document.reader import load
from registry_app.exceptions import RegistryError, RegistryFileError
from registry_app.fields.rows import document_from_rows
from registry_app.messages import plain
from registry_app.models import Experiment, FieldProvenance, Proposal
from tests.factories import make_directory, make_experiment, make_run, make_user

pytestmark = pytest.mark.django_db


def archived(name: str = "bct", **fields: object) -> Experiment:
    experiment = make_experiment(name, **fields)
    archive([experiment], reason=plain("sold"), by=make_user())
    return Experiment.everything.get(pk=experiment.pk)


def test_it_says_who_when_and_why_and_leaves_the_registry() -> None:
    experiment = archived()
    assert experiment.archived_at is not None
    assert (str(experiment.archived_by), str(experiment.archived_reason)) == ("minsu", "sold")
    assert not Experiment.objects.exists()
    assert document_from_rows().experiments == ()
    with pytest.raises(RegistryError, match="Archived already: bct"):
        archive([experiment], reason=plain("again"), by=None)


def test_its_runs_stay_and_so_does_its_page() -> None:
    experiment = make_experiment("bct")
    run = make_run(experiment)
    archive([experiment], reason=plain("sold"), by=None)
    run.refresh_from_db()
    assert run.experiment.name == "bct"


def test_its_open_proposals_are_closed() -> None:
    experiment = make_experiment("bct")
    proposal = Proposal.objects.create(experiment=experiment, field="owner", value="x")
    archive([experiment], reason=plain("sold"), by=None)
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.WITHDRAWN


def test_it_is_restored_by_hand_or_by_an_undo_and_its_guesses_stay_guesses() -> None:
    experiment = make_experiment("bct", owner="jiwoo")
    FieldProvenance.objects.create(experiment=experiment, field="owner", source=FieldSource.SCANNED)
    made = archive([experiment], reason=plain("sold"), by=None)
    undo(made, by=None)
    assert Experiment.objects.get().archived_reason is None
    assert FieldProvenance.objects.get(field="owner").source == FieldSource.SCANNED
    archive([experiment], reason=plain("sold"), by=None)
    restore([experiment], by=None)
    assert list(Experiment.objects.all()) == [experiment]
    with pytest.raises(RegistryError, match="Not archived: bct"):
        restore([experiment], by=None)


def test_it_stays_archived_while_another_has_its_directory(
    settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    experiment = archived(path="one")
    Experiment.objects.create(name="other", path="one")
    with pytest.raises(RegistryError, match="bct and other name the same directory"):
        restore([experiment], by=None)


@pytest.mark.parametrize(("name", "path", "line"), [("bct", "elsewhere", 3), ("other", "bct", 3)])
def test_a_file_that_names_it_or_its_directory_is_refused(
    name: str, path: str, line: int, settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    archived(path="bct")
    document = load(f"experiments:\n  {name}:\n    path: {path}\n".encode())
    with pytest.raises(RegistryFileError, match="bct is archived") as caught:
        make_plan(document)
    assert caught.value.problems[0].line == line


def test_a_scan_does_not_draft_its_directory_again(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    directory = make_directory(tmp_path, "bct", {"train.py": "print(1)\n"})
    make_directory(tmp_path, "fall", {"train.py": "print(2)\n"})
    archived(path=str(directory))
    call_command("scan_experiments", "--import", stdout=io.StringIO(), stderr=io.StringIO())
    assert [item.name for item in Experiment.objects.all()] == ["fall"]
    assert Experiment.everything.get(name="bct").archived_at is not None


def test_a_new_directory_of_its_name_gets_another_one(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "bct", {"train.py": "print(1)\n"})
    archived(path="moved-away")
    call_command("scan_experiments", "--import", stdout=io.StringIO(), stderr=io.StringIO())
    assert [item.name for item in Experiment.objects.all()] == ["bct-2"]


def test_an_export_removes_its_entry(tmp_path: Path) -> None:
    archived(path="~/bct")
    file = tmp_path / "experiments.yaml"
    file.write_text("experiments:\n  bct: {path: ~/bct}\n  theirs: {path: x}\n", "utf-8")
    with pytest.raises(CommandError):
        call_command("export_registry", str(file), "--check", stdout=io.StringIO())
    errors = io.StringIO()
    call_command("export_registry", str(file), stderr=errors)
    assert file.read_text(encoding="utf-8") == "experiments:\n  theirs: {path: x}\n"
    assert "bct" not in errors.getvalue()


def test_the_commands_archive_list_and_restore() -> None:
    make_experiment("bct")
    call_command("archive", "bct", "--reason", "sold", stderr=io.StringIO())
    out = io.StringIO()
    call_command("list_experiments", "--archived", stdout=out)
    assert "bct" in out.getvalue()
    out = io.StringIO()
    call_command("list_experiments", "--json", stdout=out)
    assert out.getvalue().strip() == "[]"
    call_command("unarchive", "bct", stderr=io.StringIO())
    assert Experiment.objects.exists()
    with pytest.raises(CommandError, match="There is no experiment fall"):
        call_command("unarchive", "fall")
    with pytest.raises(CommandError, match="Not archived: bct"):
        call_command("unarchive", "bct")

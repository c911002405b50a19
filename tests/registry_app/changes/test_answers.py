"""Proposals are accepted, edited, rejected and reconsidered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from registry_app.changes.answers import Answer, accept, reconsider, reject, seen_of
from registry_app.changes.proposals import present_fields
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, FieldSource, ProposalStatus
from registry_app.exceptions import RegistryError, StaleProposalError
from registry_app.fields import provenance
from registry_app.models import ChangeSet, EntryPoint, Experiment, FieldProvenance, Proposal
from tests.factories import make_entry_point, make_experiment, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def jiwoo() -> User:
    return make_user("jiwoo")


@pytest.fixture
def bct() -> Experiment:
    """An experiment that Jiwoo has curated."""
    path = str(settings.GUARDIANFLOW_ROOTS[0] / "sampyo-gimhae-bct")
    experiment = make_experiment(path=path, classes=["덤프트럭"])
    provenance.record(
        experiment,
        ["task.classes", "site.region", "entry_points.train.default"],
        source=FieldSource.CURATED,
    )
    return experiment


def proposed(experiment: Experiment, field: str, value: Any, **fields: Any) -> Proposal:
    held = present_fields([experiment.pk])[experiment.pk].get(field)
    values = {"confidence": "likely", "evidence": "data.yaml:3", "reasons": [["list_of_names", {}]]}
    return Proposal.objects.create(
        experiment=experiment, field=field, value=value, held=held, **(values | fields)
    )


def answer(row: Proposal, **edit: Any) -> Answer:
    present = present_fields([row.experiment_id])[row.experiment_id].get(row.field)
    return Answer(pk=row.pk, seen=seen_of(row, present), is_edited=bool(edit), **edit)


def test_an_accepted_value_is_written_and_says_who_and_why(bct: Experiment, jiwoo: User) -> None:
    row = proposed(bct, "task.classes", ["truck", "person"])
    made = accept([answer(row)], by=jiwoo)
    bct.refresh_from_db()
    assert bct.classes == ["truck", "person"]
    assert (made.origin, made.by) == (ChangeOrigin.PROPOSAL, jiwoo)
    assert "sampyo-gimhae-bct: task.classes" in str(made.summary)
    origin = FieldProvenance.objects.get(field="task.classes")
    assert (origin.source, origin.by) == (FieldSource.CURATED, jiwoo)
    assert (origin.evidence, origin.confidence) == ("data.yaml:3", "likely")
    row.refresh_from_db()
    assert (row.status, row.closed_by, row.change_set) == (ProposalStatus.ACCEPTED, jiwoo, made)
    last = bct.history.first()
    assert (last.change_set, last.history_user) == (made, jiwoo)


def test_many_are_accepted_as_one_change_set(bct: Experiment, jiwoo: User) -> None:
    lotte = make_experiment("lotte", path=str(settings.GUARDIANFLOW_ROOTS[0] / "lotte"))
    rows = [
        proposed(bct, "site.region", "busan"),
        proposed(bct, "site.zone", "yard"),
        proposed(bct, "entry_points.train.default", "train_v2.py"),
        proposed(lotte, "task.type", "fire"),
    ]
    made = accept([answer(row) for row in rows], by=jiwoo)
    fields = present_fields([bct.pk])[bct.pk]
    assert (fields["site.region"], fields["site.zone"]) == ("busan", "yard")
    assert fields["site.plant"] == "plant1"
    assert EntryPoint.objects.get(experiment=bct).default_script == "train_v2.py"
    assert ChangeSet.objects.get() == made
    assert not Proposal.objects.open().exists()


def test_an_edited_value_is_written_instead_of_the_guess(bct: Experiment, jiwoo: User) -> None:
    row = proposed(bct, "task.classes", ["truck", "person"])
    accept([answer(row, value=["truck"])], by=jiwoo)
    bct.refresh_from_db()
    assert bct.classes == ["truck"]
    row.refresh_from_db()
    assert (row.value, row.taken) == (["truck", "person"], ["truck"])
    # What a person wrote has no evidence in a file.
    assert FieldProvenance.objects.get(field="task.classes").evidence == ""


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("entry_points.train.default", "../evil.py", "not a path inside the experiment"),
        ("entry_points.train.patterns", ["/etc/*"], "leads out of the directory"),
        ("entry_points.train.args_template", "--name 'x", "open quote"),
        ("path", "/etc", "outside every root"),
        ("task.type", "x" * 61, "longer than 60"),
        ("site.region", "a\x00b", "control"),
        ("task.classes", ["덤프트럭"], "says this already"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_nothing_is_written(
    bct: Experiment, jiwoo: User, field: str, value: Any, message: str
) -> None:
    good = proposed(bct, "site.plant", "plant2")
    bad = proposed(bct, field, "guess")
    with pytest.raises(RegistryError, match=message):
        accept([answer(good), answer(bad, value=value)], by=jiwoo)
    assert present_fields([bct.pk])[bct.pk]["site.plant"] == "plant1"
    assert Proposal.objects.open().count() == 2
    assert not ChangeSet.objects.exists()


def test_a_field_that_changed_after_it_was_shown_is_refused(bct: Experiment, jiwoo: User) -> None:
    given = [
        answer(proposed(bct, "task.classes", ["truck"])),
        answer(proposed(bct, "site.region", "busan")),
    ]
    Experiment.objects.update(classes=["크레인"])
    with pytest.raises(StaleProposalError, match=r"changed after you opened.*task\.classes"):
        accept(given, by=jiwoo)
    assert present_fields([bct.pk])[bct.pk]["site.region"] == "gimhae"
    assert Proposal.objects.open().count() == 2


def test_a_proposal_is_answered_once(bct: Experiment, jiwoo: User) -> None:
    row = proposed(bct, "task.classes", ["truck"])
    given = answer(row)
    reject([given], by=jiwoo)
    with pytest.raises(StaleProposalError, match=r"not open any more.*Rejected"):
        accept([given], by=jiwoo)
    with pytest.raises(StaleProposalError):
        reject([given], by=jiwoo)
    with pytest.raises(StaleProposalError, match="choose proposals that exist"):
        reject([Answer(pk=0, seen="")], by=jiwoo)


def test_a_rejection_says_who_and_can_be_thought_over(bct: Experiment, jiwoo: User) -> None:
    row = proposed(bct, "task.classes", ["truck"])
    reject([answer(row)], by=jiwoo)
    row.refresh_from_db()
    assert (row.status, row.closed_by) == (ProposalStatus.REJECTED, jiwoo)
    assert reconsider([row.pk]) == 1
    row.refresh_from_db()
    assert (row.status, row.closed_at, row.closed_by) == (ProposalStatus.OPEN, None, None)


def test_a_rejection_that_is_overtaken_is_only_forgotten(bct: Experiment, jiwoo: User) -> None:
    overtaken = proposed(bct, "task.classes", ["truck"])
    reject([answer(overtaken)], by=jiwoo)
    proposed(bct, "task.classes", ["truck", "person"])
    met = proposed(bct, "task.type", "bulk")
    reject([answer(met)], by=jiwoo)
    Experiment.objects.update(task_type="bulk")
    assert reconsider([overtaken.pk, met.pk]) == 0
    assert Proposal.objects.open().count() == 1
    assert not Proposal.objects.rejected().exists()


def test_what_was_accepted_can_be_undone_and_is_open_again(bct: Experiment, jiwoo: User) -> None:
    make_entry_point(bct, default_script="train.py")
    rows = [
        proposed(bct, "task.classes", ["truck"]),
        proposed(bct, "entry_points.train.default", "train_v2.py"),
    ]
    undo(accept([answer(row) for row in rows], by=jiwoo), by=jiwoo)
    bct.refresh_from_db()
    assert bct.classes == ["덤프트럭"]
    assert EntryPoint.objects.get().default_script == "train.py"
    assert set(Proposal.objects.open()) == set(rows)


def test_an_accepted_rename_finds_the_directory_again(
    tmp_path: Path, bct: Experiment, jiwoo: User, settings: Any
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / "new").mkdir()
    bct.path = str(tmp_path / "old")
    bct.save()
    provenance.record(bct, ["path"], source=FieldSource.SCANNED)
    row = proposed(bct, "path", str(tmp_path / "new"))
    Experiment.objects.update(missing_since=row.made_at)
    made = accept([answer(row)], by=jiwoo)
    bct.refresh_from_db()
    assert (bct.path, bct.missing_since) == (str(tmp_path / "new"), None)
    undo(made, by=jiwoo)
    bct.refresh_from_db()
    assert bct.path == str(tmp_path / "old")
    assert bct.missing_since is not None


def test_proposals_are_listed_in_a_terminal(
    bct: Experiment, jiwoo: User, capsys: pytest.CaptureFixture[str]
) -> None:
    proposed(bct, "task.classes", ["truck\x1b[2K"])
    reject([answer(proposed(bct, "site.region", "busan"))], by=jiwoo)
    call_command("list_proposals")
    message = capsys.readouterr().out
    assert (
        'sampyo-gimhae-bct: task.classes (Open)\n    ["덤프트럭"] → ["truck\\u001b[2K"]' in message
    )
    assert "Likely · data.yaml:3 · a list of names" in message
    assert "busan" not in message
    call_command("list_proposals", "--status", "rejected", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["field"], row["value"], row["closed_by"]) == ("site.region", "busan", "jiwoo")
    call_command("list_proposals", "--experiment", "nobody")
    assert "No matching proposals" in capsys.readouterr().err

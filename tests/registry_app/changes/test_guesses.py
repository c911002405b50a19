"""Guesses of a scan become facts by an answer, and guesses again by its undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.changes.apply import apply_plan
from registry_app.changes.guesses import GuessAnswer, answer, origins_of_rows, seen_of
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.document.reader import load
from registry_app.exceptions import RegistryError, StaleProposalError
from registry_app.fields.names import fields_of_row
from registry_app.findings.store import store
from registry_app.models import ChangeSet, Experiment, FieldProvenance, Proposal, Site, Zone
from registry_app.reading import message_text
from registry_app.scan.run import scan
from tests.factories import make_user

pytestmark = pytest.mark.django_db
TRAIN = "if __name__ == '__main__':\n    train()\n"
NAME = "sampyo-gimhae-plant1-mixer-bct"


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """One directory of which a scan guesses everything but the zone's name and the classes."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "train.py").write_text(TRAIN)
    (tmp_path / NAME / "classes.txt").write_text("truck\nhopper\n")
    return tmp_path


@pytest.fixture
def minsu() -> User:
    return make_user("minsu")


def bct() -> Experiment:
    return Experiment.objects.get(name=NAME)


def guesses() -> dict[str, Any]:
    """What is only guessed, with its value."""
    row = bct()
    values = fields_of_row(row)
    scanned = row.provenance.filter(source=FieldSource.SCANNED)
    counted = ("site.", "task.", "entry_points.train.default")
    return {item.field: values[item.field] for item in scanned if item.field.startswith(counted)}


def shown(field: str, value: Any = None) -> GuessAnswer:
    row = bct()
    origin = origins_of_rows([row.pk]).get((row.pk, field))
    seen = seen_of(fields_of_row(row).get(field), origin)
    return GuessAnswer(experiment=row.pk, field=field, seen=seen, value=value)


def test_a_first_scan_guesses_and_confirms_nothing(root: Path) -> None:
    store(scan([root]))
    assert bct().completeness > 50
    assert bct().confirmed == 0
    assert guesses()


def test_confirmed_guesses_are_facts_that_keep_their_evidence(root: Path, minsu: User) -> None:
    store(scan([root]))
    before = {row.field: row.evidence for row in bct().provenance.all()}
    values = guesses()
    history: Any = Experiment.history
    versions = history.count()
    made = answer([shown(field) for field in values], by=minsu)
    assert (made.origin, made.by) == (ChangeOrigin.REVIEW, minsu)
    assert bct().confirmed == bct().completeness
    assert not guesses()
    assert history.count() == versions  # the values are what they were
    rows = {row.field: row for row in bct().provenance.all()}
    for field in values:
        assert (rows[field].source, rows[field].by) == (FieldSource.CURATED, minsu)
        assert rows[field].evidence == before[field]
    store(scan([root]))
    assert bct().confirmed == bct().completeness


def test_an_undo_makes_them_guesses_again_and_its_undo_facts(root: Path, minsu: User) -> None:
    store(scan([root]))
    values = guesses()
    made = answer([shown(field) for field in values], by=minsu)
    taken_back = undo(made, by=minsu)
    assert guesses() == values
    assert bct().confirmed == 0
    undo(taken_back, by=minsu)
    assert not guesses()
    assert bct().confirmed == bct().completeness


def test_a_confirmed_value_that_was_changed_since_is_not_taken_back(
    root: Path, minsu: User
) -> None:
    store(scan([root]))
    made = answer([shown("task.type")], by=minsu)
    Experiment.objects.update(task_type="fall")
    with pytest.raises(RegistryError, match="Changed again since then"):
        undo(made, by=minsu)
    assert bct().confirmed > 0


def test_what_is_typed_takes_the_place_of_a_guess_or_of_nothing(root: Path, minsu: User) -> None:
    (root / NAME / "classes.txt").unlink()
    store(scan([root]))
    assert not bct().classes
    made = answer([shown("task.type", "fall"), shown("task.classes", ["truck"])], by=minsu)
    assert (bct().task_type, bct().classes) == ("fall", ["truck"])
    rejected = Proposal.objects.get()
    assert (rejected.field, rejected.status, rejected.value) == ("task.type", "rejected", "bct")
    summary = store(scan([root]))
    assert summary["proposed"] == 0
    assert bct().task_type == "fall"
    undo(made, by=minsu)
    assert fields_of_row(bct())["task.type"] == "bct"
    assert "task.type" in guesses()
    assert not Proposal.objects.exists()


def test_a_wrong_guess_is_emptied_and_does_not_come_back(root: Path, minsu: User) -> None:
    store(scan([root]))
    answer([shown("task.classes", "")], by=minsu)
    assert bct().classes == []
    summary = store(scan([root]))
    assert bct().classes == []
    assert summary["proposals"] == 0


def test_an_answer_counts_for_what_its_reader_saw(root: Path, minsu: User) -> None:
    store(scan([root]))
    late = shown("task.type")
    answer([shown("task.type")], by=minsu)
    with pytest.raises(StaleProposalError, match=r"task\.type"):
        answer([late, shown("task.classes")], by=minsu)
    assert "task.classes" in guesses()


def test_a_value_that_does_not_fit_is_refused_with_all_others(root: Path, minsu: User) -> None:
    store(scan([root]))
    with pytest.raises(RegistryError, match="not a path inside"):
        answer([shown("task.type"), shown("entry_points.train.default", "../evil.py")], by=minsu)
    assert bct().confirmed == 0


def test_a_registry_file_confirms_what_it_says_the_same(root: Path, minsu: User) -> None:
    store(scan([root]))
    text = f"experiments:\n  {NAME}:\n    path: {bct().path}\n    task:\n      type: bct\n"
    plan = make_plan(load(text.encode(), name="experiments.yaml"))
    assert (plan.confirmed, plan.counts["unchanged"], plan.is_empty) == (2, 1, False)
    made = apply_plan(plan, origin=ChangeOrigin.IMPORT, by=minsu)
    assert made is not None
    row = FieldProvenance.objects.get(field="task.type")
    assert (row.source, row.evidence) == (FieldSource.IMPORTED, "experiments.yaml:5")
    assert bct().confirmed == 14
    undo(made, by=minsu)
    assert bct().confirmed == 0
    assert make_plan(load(text.encode(), name="experiments.yaml")).confirmed == 2


def test_an_import_that_replaced_a_guess_gives_it_back(root: Path, minsu: User) -> None:
    store(scan([root]))
    text = f"experiments:\n  {NAME}:\n    path: {bct().path}\n    task:\n      type: fall\n"
    plan = make_plan(load(text.encode(), name="experiments.yaml"))
    made = apply_plan(plan, origin=ChangeOrigin.IMPORT, by=minsu)
    assert made is not None
    undo(made, by=minsu)
    assert guesses()["task.type"] == "bct"


def test_more_answers_need_hardly_more_statements(root: Path, minsu: User) -> None:
    def asked(names: list[str]) -> int:
        store(scan([root]))
        rows = Experiment.objects.filter(name__in=names)
        known = origins_of_rows(rows.values_list("pk", flat=True))
        answers = [
            GuessAnswer(
                experiment=row.pk,
                field="task.type",
                seen=seen_of(row.task_type, known[row.pk, "task.type"]),
            )
            for row in rows
        ]
        with CaptureQueriesContext(connection) as seen:
            answer(answers, by=minsu)
        return len(seen)

    few = asked([NAME])
    names = [f"sampyo-gimhae-{number}-bct" for number in range(11)]
    for name in names:
        (root / name).mkdir()
        (root / name / "train.py").write_text(TRAIN)
    assert asked(names) <= few + 3 * len(names)
    summary = ChangeSet.objects.latest("pk").summary
    assert summary is not None
    assert message_text(summary).endswith("sampyo-gimhae-8-bct and 1 more")


def test_a_place_that_an_edit_leaves_is_swept_and_comes_back(root: Path, minsu: User) -> None:
    store(scan([root]))
    zones, sites = set(Zone.objects.values_list("pk")), set(Site.objects.values_list("pk"))
    ahead = Site.objects.create(customer=Site.objects.get().customer, region="ulsan")
    made = answer([shown("site.region", "busan")], by=minsu)
    assert Zone.objects.count() == 1
    assert not set(Zone.objects.values_list("pk")) & zones
    assert set(Site.objects.values_list("pk")) & (sites | {(ahead.pk,)}) == {(ahead.pk,)}
    undo(made, by=minsu)
    assert set(Zone.objects.values_list("pk")) == zones
    assert set(Site.objects.values_list("pk")) == sites | {(ahead.pk,)}
    assert ChangeSet.objects.count() == 3

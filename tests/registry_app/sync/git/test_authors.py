"""Who is the author of a commit: who gave the values their present form, whenever that was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from registry_app.changes.archive import archive
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin
from registry_app.messages import plain
from registry_app.models import (
    Customer,
    EntryPoint,
    Experiment,
    Site,
    SyncQuestion,
    VocabularyWord,
    Zone,
)
from registry_app.sync.git.place import CoreRepository
from registry_app.sync.objects import Side
from registry_app.sync.place import Outcome
from registry_app.sync.run import sync
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote, git, make_remote

pytestmark = pytest.mark.django_db

TEXT = """\
customers:
  donghwa: {display_name: 동화}
vocabulary:
  고리: {task: ppe}
experiments:
  bct:
    path: bct
    site: {customer: donghwa, region: busan, plant: p1, zone: welding}
    owner: jiwoo
    entry_points:
      train: {default: train.py}
  fall:
    path: fall
"""


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit(TEXT)
    made.push()
    sync()
    return made


def save(row: Any, by: Any, origin: ChangeOrigin = ChangeOrigin.ADMIN, **fields: Any) -> None:
    with change_set(origin, by=by):
        for field, value in fields.items():
            setattr(row, field, value)
        row.save()


def delete(row: Any, by: Any) -> None:
    with change_set(ChangeOrigin.ADMIN, by=by):
        row.delete()


def bct() -> Experiment:
    return Experiment.objects.get(name="bct")


def people(remote: Remote, branch: str = "main") -> list[str]:
    """Return the people of the last commit: its author, then those in its message."""
    lines = git(
        remote.path, "log", "-1", "--format=%an%n%(trailers:key=Co-authored-by,valueonly)", branch
    ).splitlines()
    return [line.partition(" <")[0] for line in lines if line]


EDITS: dict[str, Callable[[Any], None]] = {
    "a field": lambda by: save(bct(), by, owner="sujin"),
    "a name": lambda by: save(bct(), by, name="bct2"),
    "an entry point": lambda by: save(EntryPoint.objects.get(), by, args_template="--fast"),
    "a customer's alias": lambda by: save(Customer.objects.get(), by, aliases=["DH"]),
    "a customer's name": lambda by: save(Customer.objects.get(), by, name="donghwa-entec"),
    "a site's region": lambda by: save(Site.objects.get(), by, region="ulsan"),
    "a zone's name": lambda by: save(Zone.objects.get(), by, name="press"),
    "another zone": lambda by: save(
        bct(), by, zone=Zone.objects.create(site=Site.objects.get(), name="paint")
    ),
    "a word": lambda by: save(VocabularyWord.objects.get(), by, task="hook-state"),
    "a new word": lambda by: save(VocabularyWord(word="벨트", language="ko"), by),
    "a deleted word": lambda by: delete(VocabularyWord.objects.get(), by),
    "a new experiment": lambda by: save(Experiment(name="new", path="new"), by),
}


@pytest.mark.parametrize("kind", EDITS)
def test_who_edited_is_the_author(remote: Remote, kind: str) -> None:
    sujin, hana = make_member("PM", "sujin"), make_member("PM", "hana")
    save(Experiment.objects.get(name="fall"), hana, owner="hana")
    sync()
    EDITS[kind](sujin)
    sync()
    assert len(remote.log()) == 3
    assert people(remote) == ["sujin"]


def test_a_deleted_entry_point_is_its_deleter_s(remote: Remote) -> None:
    with change_set(ChangeOrigin.ADMIN, by=make_member("PM", "sujin")):
        EntryPoint.objects.get().delete()
    sync()
    assert people(remote) == ["sujin"]


def test_who_archived_is_the_author(remote: Remote) -> None:
    archive([bct()], reason=plain("sold"), by=make_member("PM", "sujin"))
    sync()
    assert people(remote) == ["sujin"]


def test_an_edit_that_waits_keeps_its_author_beside_a_later_one(remote: Remote) -> None:
    save(bct(), make_member("PM", "sujin"), owner="sujin")
    remote.protect()
    sync()
    save(Experiment.objects.get(name="fall"), make_member("PM", "hana"), owner="hana")
    sync()
    assert people(remote, "guardianflow/sync") == ["hana", "sujin"]
    remote.unprotect()
    sync()
    assert people(remote) == ["hana", "sujin"]


def test_only_who_gave_the_present_value_is_named(remote: Remote) -> None:
    save(bct(), make_member("PM", "sujin"), owner="sujin")
    save(bct(), make_member("PM", "hana"), owner="hana")
    save(bct(), make_member("PM", "yuna"), notes="seen")
    sync()
    assert people(remote) == ["yuna", "hana"]


def test_a_scan_s_value_beside_a_person_s_edit_has_no_author_of_its_own(remote: Remote) -> None:
    save(bct(), make_member("PM", "sujin"), owner="sujin")
    sync()
    save(bct(), None, ChangeOrigin.SCAN, task_type="ppe")
    sync()
    assert people(remote) == ["GuardianFlow portal"]


@pytest.mark.parametrize("side", [Side.PORTAL, Side.VALUE])
@pytest.mark.parametrize("is_protected", [False, True])
def test_an_answer_is_its_answerer_s(remote: Remote, side: Side, is_protected: bool) -> None:
    remote.edit("owner: jiwoo", "owner: engineer")
    save(bct(), make_member("PM", "sujin"), owner="sujin")
    sync()
    if is_protected:
        remote.protect()
    value = "yuna" if side is Side.VALUE else None
    hana = make_member("PM", "hana")
    sync(by=hana, answers={SyncQuestion.objects.get().pk: (side, value)})
    assert people(remote, "guardianflow/sync" if is_protected else "main") == ["hana"]
    if is_protected:
        save(Experiment.objects.get(name="fall"), make_member("PM", "minji"), notes="x")
        sync()
        assert people(remote, "guardianflow/sync") == ["minji", "hana"]


def test_who_keeps_an_experiment_that_was_deleted_in_git_is_the_author(remote: Remote) -> None:
    save(Experiment.objects.get(name="fall"), make_member("PM", "sujin"), owner="sujin")
    remote.edit("  fall:\n    path: fall\n", "")
    sync()
    hana = make_member("PM", "hana")
    sync(by=hana, answers={SyncQuestion.objects.get().pk: (Side.PORTAL, None)})
    assert people(remote)[0] == "hana"


def test_an_edit_during_the_push_is_its_editor_s(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    sujin, hana = make_member("PM", "sujin"), make_member("PM", "hana")
    real = CoreRepository.put

    def edited_meanwhile(*args: Any) -> Outcome:
        outcome = real(*args)
        save(bct(), hana, notes="meanwhile")
        monkeypatch.undo()
        return outcome

    monkeypatch.setattr(CoreRepository, "put", edited_meanwhile)
    save(bct(), sujin, owner="sujin")
    sync()
    assert people(remote) == ["sujin"]
    sync()
    assert "notes: meanwhile" in remote.text()
    assert people(remote) == ["hana"]


def test_who_presses_the_button_is_not_the_author(remote: Remote) -> None:
    save(bct(), make_member("PM", "sujin"), owner="sujin")
    sync(by=make_member("PM", "hana"))
    assert people(remote) == ["sujin"]

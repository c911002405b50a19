"""Archived experiments and a registry file that has them, or takes their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from registry_app.changes.archive import archive, restore
from registry_app.messages import plain
from registry_app.models import Experiment, SyncedFile, SyncQuestion
from registry_app.sync.objects import Side
from registry_app.sync.run import Report, sync

pytestmark = pytest.mark.django_db

TEXT = """\
# ours
experiments:
  bct:
    path: bct
    owner: jiwoo
  fall:
    path: fall
"""
QUIET = Report(file_changed=False, portal_changed=False, questions=0)


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """A registry file that was never synced; its two experiments are in the portal."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_REGISTRY = tmp_path / "experiments.yaml"
    path = Path(settings.GUARDIANFLOW_REGISTRY)
    path.write_text(TEXT, encoding="utf-8")
    Experiment.objects.create(name="bct", path="bct", owner="jiwoo")
    Experiment.objects.create(name="fall", path="fall")
    return path


def close(name: str) -> Experiment:
    row = Experiment.objects.get(name=name)
    archive([row], reason=plain("sold"), by=None)
    return row


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def names(**lookups: Any) -> list[str]:
    return list(Experiment.objects.filter(**lookups).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("change", "there"),
    [(("", ""), "fall"), (("fall:", "fall2:"), "fall2"), (("h: fall", "h: f"), "fall")],
)
@pytest.mark.parametrize("side", [Side.FILE, Side.PORTAL])
def test_a_first_sync_asks_whether_an_archived_experiment_is_restored(
    file: Path, change: tuple[str, str], there: str, side: Side
) -> None:
    fall = close("fall")
    edit(file, *change) if change[0] else None
    text = file.read_text(encoding="utf-8")
    for _round in range(2):
        assert sync() == Report(file_changed=False, portal_changed=False, questions=1)
        assert names() == ["bct"]
        assert file.read_text(encoding="utf-8") == text
    question = SyncQuestion.objects.get()
    assert (question.field, question.in_file, question.in_portal) == ("*", there, None)
    assert "archived in the portal" in str(question.reason)
    sync(answers={question.pk: (side, None)})
    assert names(pk=fall.pk) == ([there] if side is Side.FILE else [])
    assert ("fall" in file.read_text(encoding="utf-8")) is (side is Side.FILE)
    assert sync() == QUIET


def test_a_file_by_another_name_is_asked_about_too(
    file: Path, settings: Settings, tmp_path: Path
) -> None:
    sync()
    close("fall")
    (tmp_path / "link").symlink_to(tmp_path)
    settings.GUARDIANFLOW_REGISTRY = tmp_path / "link" / "experiments.yaml"
    assert sync().questions == 1
    assert names() == ["bct"]


def test_a_restored_experiment_needs_no_answer_any_more(file: Path) -> None:
    fall = close("fall")
    sync()
    restore([Experiment.everything.get(pk=fall.pk)], by=None)
    assert sync() == QUIET
    assert file.read_text(encoding="utf-8") == TEXT


def test_what_differs_after_it_is_restored_is_asked_by_field(file: Path) -> None:
    bct = close("bct")
    edit(file, "owner: jiwoo", "owner: hana")
    sync()
    restore([Experiment.everything.get(pk=bct.pk)], by=None)
    sync()
    question = SyncQuestion.objects.get()
    assert (question.field, question.in_file, question.in_portal) == ("owner", "hana", "jiwoo")


@pytest.mark.parametrize("side", [Side.FILE, Side.PORTAL])
def test_an_experiment_that_was_edited_in_the_file_and_archived_here_is_asked_about(
    file: Path, side: Side
) -> None:
    sync()
    bct = close("bct")
    edit(file, "owner: jiwoo", "owner: hana")
    assert sync().questions == 1
    sync(answers={SyncQuestion.objects.get().pk: (side, None)})
    assert names(pk=bct.pk, owner="hana") == (["bct"] if side is Side.FILE else [])
    assert sync() == QUIET


def test_an_entry_that_takes_the_name_of_an_archived_experiment_is_asked_about(file: Path) -> None:
    sync()
    close("fall")
    sync()
    edit(file, "  bct:", "  fall:")
    assert sync().questions == 1
    question = SyncQuestion.objects.get()
    assert (question.field, question.in_file, question.in_portal) == ("name", "fall", "bct")
    assert "has this name" in str(question.reason)
    sync(answers={question.pk: (Side.VALUE, "bct2")})
    assert names() == ["bct2"]
    assert sync() == QUIET


def test_a_name_that_is_freed_and_taken_in_one_edit_waits_for_an_answer(file: Path) -> None:
    sync()
    file.write_text("experiments:\n  fall:\n    path: bct\n    owner: jiwoo\n", encoding="utf-8")
    sync()
    assert names() == ["bct"]
    [question] = SyncQuestion.objects.all()
    assert question.field == "name"
    sync(answers={question.pk: (Side.PORTAL, None)})
    assert sync() == QUIET
    assert "  bct:\n    path: bct" in file.read_text(encoding="utf-8")


def test_an_entry_of_the_name_of_an_archived_experiment_may_be_elsewhere(file: Path) -> None:
    sync()
    fall = close("fall")
    sync()
    Experiment.objects.create(name="later", path="fall")
    sync()
    edit(file, "  bct:", "  fall:\n    path: other\n  bct:")
    sync()
    assert names(pk=fall.pk, path="other") == ["fall"]
    assert sync() == QUIET
    assert SyncedFile.objects.get().intent is None

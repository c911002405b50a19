"""The words of the registry file and of the portal are synced field by field."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from registry_app.exceptions import RegistryError
from registry_app.models import ChangeSet, SyncedFile, SyncQuestion, VocabularyWord
from registry_app.sync import run
from registry_app.sync.answering import value_of
from registry_app.sync.objects import Side
from registry_app.sync.run import Report, sync
from registry_app.sync.write import carry_out
from tests.factories import make_member

pytestmark = pytest.mark.django_db
TEXT = """\
vocabulary:
  고리:
    task: hook-state  # ours
    note: 안전고리
  Hard Hat: {task: ppe}
experiments: {}
"""
QUIET = Report(file_changed=False, portal_changed=False, questions=0)


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """The registry file, after a first sync with an empty portal."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_REGISTRY = tmp_path / "experiments.yaml"
    path = Path(settings.GUARDIANFLOW_REGISTRY)
    path.write_text(TEXT, encoding="utf-8")
    sync()
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def words() -> dict[str, str]:
    return dict(VocabularyWord.objects.values_list("word", "task"))


def test_the_first_sync_fills_the_portal_and_leaves_the_file(file: Path) -> None:
    assert words() == {"고리": "hook-state", "hardhat": "ppe"}
    assert VocabularyWord.objects.get(word="고리").language == "ko"
    assert file.read_text(encoding="utf-8") == TEXT
    assert sync() == QUIET


def test_each_side_gets_what_the_other_changed(file: Path) -> None:
    edit(file, "task: ppe", "task: helmet")
    edit(file, "experiments: {}", "  tag line: {task: tag-line}\nexperiments: {}")
    VocabularyWord.objects.filter(word="고리").update(note="")
    VocabularyWord.objects.create(word="벨트", task="", language="ko")
    sync()
    assert words() == {"고리": "hook-state", "hardhat": "helmet", "tagline": "tag-line", "벨트": ""}
    text = file.read_text(encoding="utf-8")
    assert "    note:" not in text
    assert "task: hook-state  # ours\n" in text
    assert "  벨트:\n    task: ''\n    language: ko\n" in text
    assert sync() == QUIET


def test_a_word_that_was_deleted_on_one_side_goes_on_the_other(file: Path) -> None:
    edit(file, "  Hard Hat: {task: ppe}\n", "")
    VocabularyWord.objects.get(word="고리").delete()
    sync()
    assert words() == {}
    assert "vocabulary" not in file.read_text(encoding="utf-8")
    assert sync() == QUIET


def test_a_task_that_both_changed_is_asked_and_answered(file: Path) -> None:
    edit(file, "task: ppe", "task: helmet")
    VocabularyWord.objects.filter(word="hardhat").update(task="hat")
    assert sync().questions == 1
    question = SyncQuestion.objects.get()
    assert (str(question), question.base) == ("vocabulary.hardhat: task", "ppe")
    assert (question.in_file, question.in_portal) == ("helmet", "hat")
    assert words()["hardhat"] == "hat"
    sync(answers={question.pk: (Side.VALUE, value_of(question, " cap "))})
    assert words()["hardhat"] == "cap"
    assert "Hard Hat: {task: cap}" in file.read_text(encoding="utf-8")
    assert sync() == QUIET


def test_a_word_that_one_side_deleted_and_the_other_changed_is_asked(file: Path) -> None:
    edit(file, "  Hard Hat: {task: ppe}\n", "")
    VocabularyWord.objects.filter(word="hardhat").update(task="hat")
    assert sync().questions == 1
    question = SyncQuestion.objects.get()
    assert str(question) == "vocabulary.hardhat: *"
    assert words()["hardhat"] == "hat"
    sync(answers={question.pk: (Side.PORTAL, None)})
    assert "  hardhat:\n    task: hat\n" in file.read_text(encoding="utf-8")
    assert sync() == QUIET


@pytest.mark.parametrize(
    ("field", "text"), [("language", "kr"), ("task", "x\u202ey"), ("note", "x" * 201)]
)
def test_a_third_value_is_checked_like_that_of_a_file(file: Path, field: str, text: str) -> None:
    question = SyncQuestion(key="word:hardhat", field=field, name="vocabulary.hardhat")
    with pytest.raises(RegistryError, match=f"vocabulary.hardhat.{field}"):
        value_of(question, text)


def test_a_page_names_the_field_of_the_word(file: Path, client: Client) -> None:
    client.force_login(make_member("PM"))
    edit(file, "task: ppe", "task: helmet")
    VocabularyWord.objects.filter(word="hardhat").update(task="hat")
    sync()
    page = client.get(reverse("admin:registry_app_syncquestion_changelist"))
    assert [question["label"] for question in page.context["questions"]] == ["Task"]
    assert "vocabulary.hardhat" in page.text


def test_a_word_that_changes_while_the_file_is_written_is_left_to_the_next_sync(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(file, "task: ppe", "task: helmet")

    def late(*args: Any, **options: Any) -> bool:
        VocabularyWord.objects.filter(word="hardhat").update(task="hat")
        return carry_out(*args, **options)

    monkeypatch.setattr(run, "carry_out", late)
    sync()
    assert words()["hardhat"] == "hat"
    monkeypatch.undo()
    assert sync().questions == 0
    assert "Hard Hat: {task: hat}" in file.read_text(encoding="utf-8")


def test_an_intent_of_the_former_version_is_carried_out(file: Path) -> None:
    sync()
    registry = SyncedFile.objects.get()
    intent: dict[str, Any] = {
        "before": {},
        "after": {},
        "link": {},
        "known": {},
        "customers": {},
        "questions": [],
    }
    carry_out(registry, intent, by=None)
    assert words() == {"고리": "hook-state", "hardhat": "ppe"}


def test_export_import_and_sync_go_round_without_a_change(file: Path, tmp_path: Path) -> None:
    VocabularyWord.objects.create(word="벨트", task="", language="ko", note="컨베이어 아님")
    copy = tmp_path / "copy.yaml"
    call_command("export_registry", str(copy), stdout=io.StringIO(), stderr=io.StringIO())
    before = words()
    VocabularyWord.objects.all().delete()
    call_command("import_registry", str(copy), stdout=io.StringIO(), stderr=io.StringIO())
    assert words() == before
    data = copy.read_bytes()
    call_command("export_registry", str(copy), stdout=io.StringIO(), stderr=io.StringIO())
    assert copy.read_bytes() == data
    count = ChangeSet.objects.count()
    call_command("import_registry", str(copy), stdout=io.StringIO(), stderr=io.StringIO())
    assert ChangeSet.objects.count() == count
    sync()
    assert words() == before
    assert sync() == QUIET

"""An import adds and changes words of the vocabulary, and deletes none."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from registry_app.changes.apply import apply_plan
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin
from registry_app.document.reader import load
from registry_app.exceptions import StalePlanError
from registry_app.imports.preview import preview_of
from registry_app.models import ChangeSet, VocabularyWord

pytestmark = pytest.mark.django_db
TEXT = """\
experiments: {}
vocabulary:
  고리: {task: hook-state}
  벨트: {task: ""}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "experiments.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def words() -> list[tuple[str, str, str, str]]:
    return list(VocabularyWord.objects.values_list("word", "task", "language", "note"))


def run(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_a_file_adds_and_changes_words_and_leaves_the_others(file: Path) -> None:
    VocabularyWord.objects.create(word="bct", task="truck", language="en")
    VocabularyWord.objects.create(word="고리", task="ppe", language="ko", note="갈고리")
    shown = run("import_registry", str(file))
    assert "~ vocabulary.고리\n    vocabulary.task: ppe → hook-state\n" in shown
    assert "+ vocabulary.벨트\n    vocabulary.language: – → ko\n" in shown
    assert words() == [
        ("bct", "truck", "en", ""),
        ("고리", "hook-state", "ko", "갈고리"),
        ("벨트", "", "ko", ""),
    ]
    assert ChangeSet.objects.count() == 1
    run("import_registry", str(file))
    assert ChangeSet.objects.count() == 1


def test_an_import_is_undone_as_one(file: Path) -> None:
    VocabularyWord.objects.create(word="고리", task="ppe", language="ko")
    run("import_registry", str(file))
    undo(ChangeSet.objects.get(), by=None)
    assert words() == [("고리", "ppe", "ko", "")]


def test_a_dry_run_shows_the_words_and_writes_none(file: Path) -> None:
    plan = json.loads(run("import_registry", str(file), "--dry-run", "--json"))
    assert [change["word"] for change in plan["vocabulary"]] == ["고리", "벨트"]
    assert words() == []


def test_a_page_previews_the_words(file: Path) -> None:
    VocabularyWord.objects.create(word="고리", task="ppe", language="ko")
    preview = preview_of(make_plan(load(file.read_bytes())))
    assert [(row.name, row.action) for row in preview.rows] == [
        *(("vocabulary.고리", "update"), ("vocabulary.벨트", "create")),
    ]
    (change,) = preview.rows[0].changes
    assert (change.field, change.old, change.new) == ("vocabulary.task", "ppe", "hook-state")
    assert preview.changes_something


def test_a_word_that_changed_since_the_preview_is_not_written_over(file: Path) -> None:
    plan = make_plan(load(file.read_bytes()))
    VocabularyWord.objects.create(word="고리", task="ppe", language="ko")
    with pytest.raises(StalePlanError):
        apply_plan(plan, origin=ChangeOrigin.IMPORT, by=None)
    assert words() == [("고리", "ppe", "ko", "")]


def test_an_export_writes_the_section_only_if_there_are_words(file: Path) -> None:
    file.unlink()
    run("export_registry", str(file))
    assert file.read_text(encoding="utf-8") == "experiments: {}\n"
    VocabularyWord.objects.create(word="고리", task="hook-state", language="ko")
    run("export_registry", str(file))
    assert file.read_text(encoding="utf-8") == (
        "vocabulary:\n  고리:\n    task: hook-state\n    language: ko\nexperiments: {}\n"
    )


def test_an_export_edits_the_words_of_a_file_in_place(file: Path) -> None:
    text = (
        "experiments: {}\nvocabulary:  # ours\n  Hard Hat: {task: x}  # old\n  theirs: {task: y}\n"
    )
    file.write_text(text, encoding="utf-8")
    VocabularyWord.objects.create(word="hardhat", task="ppe", language="en")
    errors = io.StringIO()
    call_command("export_registry", str(file), stdout=io.StringIO(), stderr=errors)
    assert file.read_text(encoding="utf-8") == text.replace("task: x", "task: ppe")
    assert "vocabulary.theirs is not in the portal; its entry stays as it is." in errors.getvalue()

"""A registry file in a folder and the portal, edited by two people and synced."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from registry_app.changes.archive import archive
from registry_app.choices import FieldSource
from registry_app.messages import plain
from registry_app.models import (
    ChangeSet,
    Customer,
    EntryPoint,
    Experiment,
    FieldProvenance,
    SyncedFile,
    SyncQuestion,
)
from registry_app.sync import run, write
from registry_app.sync.errors import SyncError
from registry_app.sync.objects import Side
from registry_app.sync.place import Folder, Outcome
from registry_app.sync.run import Report, sync
from tests.factories import make_directory

pytestmark = pytest.mark.django_db

TEXT = """\
# ours
experiments:
  bct:   # the first
    path: bct
    owner: jiwoo  # PM
    aliases: [one, two]
  fall:
    path: fall
    entry_points:
      train: {default: train.py}
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


def save(name: str, **fields: Any) -> Experiment:
    row = Experiment.objects.get(name=name)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save()
    return row


def test_the_first_sync_fills_an_empty_portal_and_leaves_the_file(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == TEXT
    assert [experiment.name for experiment in Experiment.objects.all()] == ["bct", "fall"]
    assert EntryPoint.objects.get().default_script == "train.py"
    count = ChangeSet.objects.count()
    assert sync() == QUIET
    assert ChangeSet.objects.count() == count


def test_each_side_gets_what_the_other_changed(file: Path) -> None:
    edit(file, "    path: fall\n", "    path: fall\n    stage: 2\n")
    edit(file, "[one, two]", "[two, three]")
    save("bct", owner="sujin", aliases=["one", "two", "four"])
    Experiment.objects.create(name="new", path="new", notes="a\nb")
    sync()
    bct = Experiment.objects.get(name="bct")
    assert bct.aliases == ["two", "three", "four"]
    assert Experiment.objects.get(name="fall").stage_held == 2
    assert file.read_text(encoding="utf-8") == TEXT.replace("jiwoo  #", "sujin  #").replace(
        "[one, two]", "[two, three, four]"
    ).replace("    path: fall\n", "    path: fall\n    stage: 2\n") + (
        "  new:\n    path: new\n    notes: |-\n      a\n      b\n"
    )
    assert sync() == QUIET


def test_what_both_changed_is_asked_and_the_answer_holds(file: Path) -> None:
    edit(file, "jiwoo  #", "minsu  #")
    save("bct", owner="sujin")
    assert sync().questions == 1
    question = SyncQuestion.objects.get()
    assert (str(question), question.base) == ("bct: owner", "jiwoo")
    assert (question.in_file, question.in_portal) == ("minsu", "sujin")
    save("fall", notes="more")
    assert sync().questions == 1
    assert SyncQuestion.objects.get().pk == question.pk
    sync(answers={question.pk: (Side.VALUE, "yuna")})
    assert "owner: yuna  # PM" in file.read_text(encoding="utf-8")
    assert Experiment.objects.get(name="bct").owner == "yuna"
    assert sync() == QUIET
    with pytest.raises(SyncError, match="There is no open question"):
        sync(answers={question.pk: (Side.FILE, None)})


def test_an_answer_to_what_changed_since_is_refused(file: Path) -> None:
    edit(file, "jiwoo  #", "minsu  #")
    save("bct", owner="sujin")
    sync()
    question = SyncQuestion.objects.get()
    save("bct", owner="yuna")
    with pytest.raises(SyncError, match="changed after it was shown"):
        sync(answers={question.pk: (Side.FILE, None)})
    assert Experiment.objects.get(name="bct").owner == "yuna"


def test_a_name_that_is_taken_is_no_answer(file: Path) -> None:
    edit(file, "  bct:  ", "  bct2: ")
    bct = Experiment.objects.get(name="bct")
    bct.name = "bct3"
    bct.save()
    sync()
    question = SyncQuestion.objects.get()
    with pytest.raises(SyncError, match="another experiment has this name"):
        sync(answers={question.pk: (Side.VALUE, "fall")})
    sync(answers={question.pk: (Side.FILE, None)})
    assert Experiment.objects.filter(name="bct2").exists()


def test_a_deleted_entry_archives_and_its_return_restores(file: Path) -> None:
    pk = Experiment.objects.get(name="fall").pk
    entry = TEXT[TEXT.index("  fall:") :]
    edit(file, entry, "")
    sync()
    fall = Experiment.everything.get(pk=pk)
    assert fall.archived_at is not None
    assert str(fall.archived_reason) == "Its entry was deleted in the registry file."
    assert sync() == QUIET
    file.write_text(file.read_text(encoding="utf-8") + entry, encoding="utf-8")
    sync()
    assert Experiment.objects.get(pk=pk).archived_at is None
    assert sync() == QUIET


def test_a_deleted_entry_stays_deleted_through_scans_and_exports(file: Path) -> None:
    for name in ("bct", "fall"):
        make_directory(file.parent / "roots", name, {"train.py": "print(1)\n"})
    edit(file, TEXT[TEXT.index("  fall:") :], "")
    for _round in range(2):
        sync()
        call_command("scan_experiments", "--import", stdout=io.StringIO(), stderr=io.StringIO())
        call_command("export_registry", stderr=io.StringIO())
    assert "fall" not in file.read_text(encoding="utf-8")
    assert [experiment.name for experiment in Experiment.objects.all()] == ["bct"]


def test_a_sync_costs_the_same_statements_however_many_rows_there_are(
    file: Path, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        Experiment.objects.create(name=f"e{number}", path=f"e{number}")
    sync()
    Experiment.objects.update(owner="sujin")
    with django_assert_max_num_queries(62):
        sync()


def test_a_deletion_against_an_edit_is_asked(file: Path) -> None:
    edit(file, TEXT[TEXT.index("  fall:") :], "")
    save("fall", owner="sujin")
    sync()
    question = SyncQuestion.objects.get()
    assert (question.field, question.in_file, question.in_portal) == ("*", None, "fall")
    sync(answers={question.pk: (Side.PORTAL, None)})
    assert "owner: sujin" in file.read_text(encoding="utf-8")
    assert sync() == QUIET


def test_an_archived_experiment_leaves_the_file(file: Path) -> None:
    archive([Experiment.objects.get(name="fall")], reason=plain("sold"), by=None)
    sync()
    assert file.read_text(encoding="utf-8") == TEXT[: TEXT.index("  fall:")]
    assert sync() == QUIET


def test_a_removed_key_is_a_deletion_and_names_can_be_swapped(file: Path) -> None:
    edit(file, "    owner: jiwoo  # PM\n", "")
    edit(file, "  bct:   #", "  x:   #")
    edit(file, "  fall:\n", "  bct:\n")
    edit(file, "  x:   #", "  fall:   #")
    before = {experiment.path: experiment.pk for experiment in Experiment.objects.all()}
    sync()
    rows = {experiment.name: experiment for experiment in Experiment.objects.all()}
    assert (rows["fall"].pk, rows["bct"].pk) == (before["bct"], before["fall"])
    assert rows["fall"].owner == ""
    assert sync() == QUIET


def test_numbers_are_set_and_cleared_like_texts(file: Path) -> None:
    edit(file, "    path: fall\n", "    path: fall\n    stage: 2\n")
    edit(file, "{default: train.py}", "{default: train.py, resources: {gpus: 0, overlap: false}}")
    sync()
    entry = EntryPoint.objects.get()
    assert (entry.gpus, entry.overlap) == (0, False)
    edit(file, "    stage: 2\n", "")
    edit(file, "{gpus: 0, overlap: false}", "{overlap: false}")
    sync()
    entry.refresh_from_db()
    assert (entry.gpus, entry.overlap) == (None, False)
    assert Experiment.objects.get(name="fall").stage_held is None
    entry.gpus, entry.overlap = 0, None
    entry.save()
    sync()
    assert "resources: {gpus: 0}" in file.read_text(encoding="utf-8")
    assert sync() == QUIET


def test_only_what_changed_stops_being_a_guess(file: Path) -> None:
    bct = save("bct", task_type="ppe", notes="seen")
    for field in ("task.type", "notes"):
        FieldProvenance.objects.update_or_create(
            experiment=bct, field=field, defaults={"source": FieldSource.SCANNED}
        )
    sync()
    edit(file, "type: ppe", "type: fall")
    sync()
    sources = dict(FieldProvenance.objects.filter(experiment=bct).values_list("field", "source"))
    assert (sources["task.type"], sources["notes"]) == (FieldSource.IMPORTED, FieldSource.SCANNED)


def test_a_home_of_today_is_asked_only_about_real_differences(
    settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_REGISTRY = path = tmp_path / "experiments.yaml"
    path.write_text(TEXT, encoding="utf-8")
    Experiment.objects.create(name="bct", path="bct", owner="sujin", notes="only here")
    fall = Experiment.objects.create(name="fall", path="fall")
    entry = EntryPoint.objects.create(experiment=fall, type="train", default_script="guess.py")
    FieldProvenance.objects.create(
        experiment=fall, field="entry_points.train.default", source=FieldSource.SCANNED
    )
    sync()
    assert [str(syncquestion) for syncquestion in SyncQuestion.objects.all()] == ["bct: owner"]
    entry.refresh_from_db()
    assert entry.default_script == "train.py"
    assert "notes: only here" in path.read_text(encoding="utf-8")
    again = sync()
    assert (again.file_changed, again.portal_changed, again.questions) == (False, False, 1)


def test_an_invalid_file_changes_nothing_and_edits_wait(file: Path) -> None:
    edit(file, "owner: jiwoo", "ownr: jiwoo")
    save("bct", notes="waits")
    with pytest.raises(SyncError, match="line 5: bct has no key ownr"):
        sync()
    assert "has problems" in str(SyncedFile.objects.get().problem)
    edit(file, "ownr", "owner")
    sync()
    assert "notes: waits" in file.read_text(encoding="utf-8")
    assert SyncedFile.objects.get().problem is None


def test_a_file_that_is_gone_deletes_nothing(file: Path) -> None:
    file.unlink()
    with pytest.raises(SyncError, match="does not exist any more"):
        sync()
    assert Experiment.objects.count() == 2
    assert not file.exists()


def test_an_interpreter_that_is_not_listed_is_refused(file: Path) -> None:
    edit(file, "{default: train.py}", "{default: train.py, interpreter: /tmp/evil}")
    with pytest.raises(SyncError, match="interpreter"):
        sync()
    assert EntryPoint.objects.get().interpreter == ""


def test_a_value_that_cannot_be_written_stays_open_and_all_else_is_synced(file: Path) -> None:
    edit(file, "[one, two]", "[one,  # why\n      two]")
    sync()
    save("bct", aliases=["one", "three"], owner="sujin")
    assert sync().questions == 1
    question = SyncQuestion.objects.get()
    assert question.field == "aliases"
    assert "there are comments inside" in str(question.reason)
    assert "owner: sujin" in file.read_text(encoding="utf-8")
    edit(file, "[one,  # why\n      two]", "[one, three]")
    sync()
    assert sync() == QUIET


def test_customers_are_synced_by_field(file: Path) -> None:
    Customer.objects.create(name="donghwa", display_name="동화", aliases=["DH"])
    sync()
    assert "  donghwa:\n    display_name: 동화\n    aliases: [DH]\n" in file.read_text("utf-8")
    edit(file, "[DH]", "[DH, DHE]")
    Customer.objects.update(display_name="동화엔텍")
    sync()
    assert Customer.objects.get().aliases == ["DH", "DHE"]
    assert "display_name: 동화엔텍" in file.read_text(encoding="utf-8")
    assert sync() == QUIET


def test_a_look_writes_nothing(file: Path) -> None:
    save("bct", owner="sujin")
    report = sync(is_dry=True)
    assert (report.file_changed, report.portal_changed) == (True, False)
    assert file.read_text(encoding="utf-8") == TEXT


STEPS = ("intent", "compare", "file", "rows")


@pytest.mark.parametrize("dies_at", STEPS)
@pytest.mark.parametrize("saves_between", [False, True])
def test_a_death_at_any_step_loses_and_asks_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str, saves_between: bool
) -> None:
    edit(file, "    path: fall\n", "    path: fall\n    stage: 2\n")
    save("bct", owner="sujin")

    class DeathError(Exception):
        pass

    def dies(*args: Any, **options: Any) -> None:
        raise DeathError

    real = Folder.put

    def writes_and_dies(*args: Any) -> Outcome:
        real(*args)
        raise DeathError

    with monkeypatch.context() as patch:
        if dies_at == "intent":
            patch.setattr(SyncedFile, "save", dies)
        elif dies_at == "file":
            patch.setattr(Folder, "put", writes_and_dies)
        elif dies_at == "compare":
            patch.setattr(Folder, "put", dies)
        else:
            patch.setattr(run, "carry_out", dies)
        with pytest.raises(DeathError):
            sync()
    if saves_between:
        save("bct", owner="yuna")
        save("fall", notes="meanwhile")
    sync()
    assert not SyncQuestion.objects.exists()
    assert sync() == QUIET
    assert Experiment.objects.get(name="fall").stage_held == 2
    owner = "yuna" if saves_between else "sujin"
    assert Experiment.objects.get(name="bct").owner == owner
    assert f"owner: {owner}  # PM" in file.read_text(encoding="utf-8")
    assert SyncedFile.objects.get().intent is None


def test_a_file_that_is_edited_during_the_sync_is_read_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("bct", owner="sujin")
    real = write.intent_of
    count: list[int] = []

    def engineer_saves(*args: Any) -> Any:
        if not count:
            edit(file, "    path: fall\n", "    path: fall\n    stage: 3\n")
        count.append(1)
        return real(*args)

    monkeypatch.setattr(run, "intent_of", engineer_saves)
    sync()
    text = file.read_text(encoding="utf-8")
    assert "owner: sujin" in text
    assert "stage: 3" in text
    assert Experiment.objects.get(name="fall").stage_held == 3


def test_an_intent_is_plain_data(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save("bct", notes="x")
    kept: list[Any] = []
    real = Folder.put

    def looks_and_puts(*args: Any) -> Outcome:
        kept.append(SyncedFile.objects.get().intent)
        return real(*args)

    monkeypatch.setattr(Folder, "put", looks_and_puts)
    sync()
    assert json.loads(json.dumps(kept[0])) == kept[0]
    assert kept[0]["after"]

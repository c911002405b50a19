"""The full counts: a sync that dies before each of its steps, and a thousand experiments."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from registry_app.changes.archive import archive
from registry_app.changes.change_sets import change_set, create
from registry_app.choices import ChangeOrigin
from registry_app.document.writer import dump
from registry_app.fields.rows import document_from_rows
from registry_app.messages import plain
from registry_app.models import Experiment, SyncedFile, SyncQuestion
from registry_app.sync.git import plumbing
from registry_app.sync.run import Report, sync
from tests.registry_app.sync.git.remote import git, make_remote

pytestmark = pytest.mark.django_db

TEXT = """\
# ours
experiments:
  bct:   # the first
    path: bct
    owner: jiwoo  # PM
  fall:
    path: fall
  old:
    path: old
"""
QUIET = Report(file_changed=False, portal_changed=False, questions=0)
SAMPLE = 4
PLACES = ("folder", "branch", "protected")


class DeathError(BaseException):
    """The end of the process: nothing handles it."""


@contextmanager
def dying(at: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Die before a step, by number: a statement of the database or a command of git.

    Yields the steps that were done. The ends of transactions are no steps of their own.
    """
    steps: list[str] = []

    def step(name: str) -> None:
        if len(steps) == at:
            steps.append("death")
            raise DeathError
        steps.append(name)

    def statement(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            step(sql.split(maxsplit=1)[0])
        return execute(sql, *rest)

    real = plumbing.Git.ended

    def command(self: plumbing.Git, name: str, *arguments: str, **options: Any) -> Any:
        step(f"git {name}")
        return real(self, name, *arguments, **options)

    with monkeypatch.context() as patch, connection.execute_wrapper(statement):
        patch.setattr(plumbing.Git, "ended", command)
        yield steps


class Story:
    """Two people edit both sides, a sync dies, and the next ones must lose and ask nothing."""

    def __init__(self, place: str, folder: Path, settings: Settings) -> None:
        settings.GUARDIANFLOW_ROOTS = [folder / "roots"]
        settings.GUARDIANFLOW_HOME = folder / "home"
        settings.GUARDIANFLOW_REGISTRY = folder / "experiments.yaml"
        folder.mkdir()
        self.place, self.file = place, folder / "experiments.yaml"
        self.remote = make_remote(folder / "git") if place != "folder" else None
        settings.GUARDIANFLOW_CORE_URL = str(self.remote.path) if self.remote else ""
        self.write(TEXT)
        sync()
        self.write(
            TEXT.replace("    path: fall\n", "    path: fall\n    stage: 2\n")
            + "  engineers:\n    path: engineers\n"
        )
        save("bct", owner="sujin")
        Experiment.objects.create(name="pms", path="pms")
        archive([Experiment.objects.get(name="old")], reason=plain("over"), by=None)
        if self.remote and place == "protected":
            self.remote.protect()

    def write(self, text: str) -> None:
        if self.remote is None:
            self.file.write_text(text, encoding="utf-8")
        else:
            self.remote.commit(text)
            self.remote.push()

    def text(self) -> str:
        return self.remote.text() if self.remote else self.file.read_text(encoding="utf-8")

    def ends_well(self, owner: str) -> None:
        """Sync to the end, and compare both sides with what people wrote."""
        sync()
        assert not SyncQuestion.objects.exists()
        if self.remote and self.place == "protected":
            self.remote.unprotect()
            sync()
        assert sync() == QUIET
        text = self.text()
        names = ["bct", "engineers", "fall", "pms"]
        assert list(Experiment.objects.order_by("name").values_list("name", flat=True)) == names
        assert Experiment.objects.get(name="fall").stage_held == 2
        assert Experiment.objects.get(name="bct").owner == owner
        assert f"owner: {owner}  # PM" in text
        assert "  pms:\n" in text
        assert "  old:\n" not in text
        assert SyncedFile.objects.get().intent is None


def save(name: str, /, **fields: Any) -> None:
    row = Experiment.objects.get(name=name)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save()


def steps_of(place: str, folder: Path, settings: Settings, patch: pytest.MonkeyPatch) -> int:
    with transaction.atomic():
        Story(place, folder, settings)
        with dying(None, patch) as steps:
            sync()
        transaction.set_rollback(True)
    return len(steps)


def dies(place: str, at: int, settings: Settings, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let a sync die before one of its steps, with and without an edit before the next sync."""
    for owner in ("sujin", "yuna"):
        with transaction.atomic():
            story = Story(place, folder / f"{at}{owner}", settings)
            with dying(at, patch), pytest.raises(DeathError):
                sync()
            if owner == "yuna":
                save("bct", owner=owner)
            story.ends_well(owner)
            transaction.set_rollback(True)


@pytest.mark.proof
@pytest.mark.parametrize("place", PLACES)
def test_a_death_before_a_step_loses_and_asks_nothing(
    place: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = steps_of(place, tmp_path / "count", settings, monkeypatch)
    dice = random.Random(place)  # noqa: S311  # no secret
    for at in dice.sample(range(count), SAMPLE):
        dies(place, at, settings, tmp_path, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_a_death_before_any_step_loses_and_asks_nothing(
    place: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = steps_of(place, tmp_path / "count", settings, monkeypatch)
    print(f"{place}: {count} steps")  # noqa: T201  # a figure of the proof
    for at in range(count):
        dies(place, at, settings, tmp_path, monkeypatch)


EXPERIMENTS, DIFFERENT, EDITS = 1000, 37, 2000


@pytest.mark.proof
def test_a_thousand_experiments_are_synced_first_and_edited_two_thousand_times(
    settings: Settings, tmp_path: Path
) -> None:
    """Only real differences are asked, and each edit is one line."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    with change_set(ChangeOrigin.ADMIN):
        create(
            [
                Experiment(name=f"e{n:04}", path=f"e{n:04}", owner=f"pm{n}", notes=f"note {n}")
                for n in range(EXPERIMENTS)
            ]
        )
    remote = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(remote.path)
    written = dump(document_from_rows()).replace("    notes:", "    # seen\n    notes:")
    for n in range(DIFFERENT):
        written = written.replace(f"owner: pm{n}\n", f"owner: engineer{n}\n")
    remote.commit(written)
    remote.push()
    first = timed("first sync", sync)
    assert first == Report(file_changed=False, portal_changed=False, questions=DIFFERENT)
    assert remote.text() == written
    rows = list(Experiment.objects.order_by("name"))
    with change_set(ChangeOrigin.ADMIN):
        for row in rows:
            row.owner, row.notes = f"new {row.owner}", f"new {row.notes}"
            row.save()
    second = timed("2,000 edits", sync)
    assert second.questions == DIFFERENT
    changed = git(remote.path, "diff", "--numstat", "main~1", "main").split()
    assert changed[:2] == [str(EDITS - DIFFERENT)] * 2
    assert remote.text().count("# seen") == EXPERIMENTS
    again = timed("nothing", sync)
    assert (again.file_changed, again.portal_changed) == (False, False)


def timed(name: str, done: Callable[[], Report]) -> Report:
    """Return the report, and print the processor time of this process and of its children."""
    before = sum(os.times()[:4])
    report = done()
    print(f"{name}: {sum(os.times()[:4]) - before:.1f} s")  # noqa: T201  # a figure of the proof
    return report

"""The command that syncs the registry file, for people, cron and CI."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registry_app.models import Experiment, SyncQuestion

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    settings.GUARDIANFLOW_REGISTRY = path = tmp_path / "experiments.yaml"
    path.write_text("experiments:\n  bct: {path: bct, owner: jiwoo, stage: 1}\n", encoding="utf-8")
    run()
    return path


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("sync_registry", *args, stdout=out)
    return out.getvalue()


def conflict(file: Path, field: str, old: str, new: str, **fields: Any) -> SyncQuestion:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    Experiment.objects.update(**fields)
    run()
    return SyncQuestion.objects.get(field=field)


def test_it_says_what_it_did_and_is_quiet_the_second_time(file: Path) -> None:
    Experiment.objects.update(owner="sujin")
    assert run() == "The portal's changes are in the file.\n"
    assert run() == "Neither side has changed.\n"
    assert run("--check") == "Neither side has changed.\n"
    Experiment.objects.update(owner="minsu")
    with pytest.raises(CommandError, match="differ") as caught:
        run("--check")
    assert caught.value.returncode == 1
    assert "sujin" in file.read_text(encoding="utf-8")


def test_a_question_is_listed_with_its_number_and_answered_by_it(file: Path) -> None:
    question = conflict(file, "owner", "jiwoo", "minsu", owner="sujin")
    (shown,) = json.loads(run("--json"))["questions"]
    assert shown == {
        "id": question.pk, "experiment": "bct", "field": "owner", "base": "jiwoo",
        "file": "minsu", "portal": "sujin", "reason": None,
    }  # fmt: skip
    assert f"{question.pk}  bct: owner" in run()
    with pytest.raises(CommandError):
        run("--check")
    run("--answer", f"{question.pk}=portal")
    assert "owner: sujin" in file.read_text(encoding="utf-8")
    assert not SyncQuestion.objects.exists()


def test_a_third_value_is_read_like_a_cell(file: Path) -> None:
    question = conflict(file, "stage", "stage: 1", "stage: 2", stage_held=5)
    run("--answer", f"{question.pk}=value:3")
    assert Experiment.objects.get().stage_held == 3
    question = conflict(file, "owner", "jiwoo", "minsu", owner="sujin")
    run("--answer", f"{question.pk}=value:김 지우")
    assert Experiment.objects.get().owner == "김 지우"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("{}=value:9", "must be a whole number from 1 to 5"),
        ("{}=value:many", "is not a whole number"),
        ("{}=mine", "is not an answer"),
        ("999999=file", "There is no open question 999999"),
    ],
)
def test_an_answer_that_means_nothing_is_refused(file: Path, answer: str, problem: str) -> None:
    question = conflict(file, "stage", "stage: 1", "stage: 2", stage_held=5)
    with pytest.raises(CommandError, match=problem):
        run("--answer", answer.format(question.pk))
    assert SyncQuestion.objects.get().pk == question.pk

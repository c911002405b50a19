"""A scan knows the words that are in the vocabulary when it begins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from registry_app.choices import FieldSource
from registry_app.fields import provenance
from registry_app.findings.job import run_scan_job
from registry_app.models import Experiment, FieldProvenance, Proposal, ScanJob, VocabularyWord
from registry_app.reading import messages_text
from registry_app.scan.cache import ScanCache
from registry_app.scan.protocol import Known, Request
from tests.factories import make_directory

pytestmark = pytest.mark.django_db
NAME = "sampyo-gimhae-line3-outrigger"


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "experiments"]
    directory = make_directory(tmp_path / "experiments", NAME, {"train.py": "model.fit()\n"})
    os.utime(directory / "train.py", (1_000_000_000, 1_000_000_000))
    return directory


def rescan() -> Experiment:
    run_scan_job(ScanJob.objects.create().pk)
    return Experiment.objects.get()


def test_a_new_word_gives_an_unchanged_directory_its_task(root: Path) -> None:
    experiment = rescan()
    assert rescan().task_type == "outrigger"  # the last word, which may as well be a zone
    assert origin(experiment) == ("unsure", "the last word of the name, after the region")
    VocabularyWord.objects.create(word="outrigger", task="crane-support", language="en")
    experiment = rescan()
    assert experiment.task_type == "crane-support"
    assert origin(experiment) == ("sure", "the last word of the name; “outrigger”: vocabulary")
    VocabularyWord.objects.all().delete()
    assert rescan().task_type == "outrigger"


def test_a_new_word_proposes_another_task_than_a_person_decided(root: Path) -> None:
    experiment = rescan()
    provenance.record(experiment, ["task.type"], source=FieldSource.CURATED)
    VocabularyWord.objects.create(word="outrigger", task="crane-support", language="en")
    assert rescan().task_type == "outrigger"
    proposal = Proposal.objects.get(field="task.type")
    assert proposal.value == "crane-support"
    assert "“outrigger”: vocabulary" in messages_text(proposal.reasons)


def test_a_silenced_word_takes_its_task_away(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "crane_watch", {"train.py": "model.fit()\n"})
    assert rescan().task_type == "crane"
    VocabularyWord.objects.create(word="crane", task="", language="en")
    assert rescan().task_type == ""


def test_a_word_that_was_deleted_takes_its_task_with_it(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "tagline_watch", {"train.py": "model.fit()\n"})
    word = VocabularyWord.objects.create(word="tagline", task="tag-line", language="en")
    assert rescan().task_type == "tag-line"
    word.delete()
    assert rescan().task_type == ""


def test_a_word_for_a_task_is_no_zone_beside_a_known_customer(
    tmp_path: Path, settings: Settings
) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "sampyo-gimhae-tagline-silo", {"train.py": "model.fit()\n"})
    VocabularyWord.objects.create(word="tagline", task="tag-line", language="en")
    experiment = rescan()
    assert (experiment.task_type, str(experiment.zone and experiment.zone.name)) == (
        *("tag-line", "silo"),
    )


def test_the_command_knows_the_words_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    VocabularyWord.objects.create(word="outrigger", task="crane-support", language="en")
    call_command("scan_experiments")
    assert "type: crane-support" in capsys.readouterr().out


def test_a_draft_of_other_words_does_not_count(root: Path, tmp_path: Path) -> None:
    cache = ScanCache(tmp_path / "cache")
    known = Known(files={}, digests={}, warnings=(), read_at_ns=0)
    request = Request(name=NAME, directory=str(root), path=str(root))
    cache.keep(request, known, b"{}")
    words = Request(name=NAME, directory=str(root), path=str(root), words=(("hook", "ppe"),))
    assert cache.find(words) is None


def origin(experiment: Experiment) -> tuple[str, str]:
    row = FieldProvenance.objects.get(experiment=experiment, field="task.type")
    return row.confidence, messages_text(row.reasons)

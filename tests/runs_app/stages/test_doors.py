"""No door of the registry proves a stage or decides a promotion: each holds a stage at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Q
from django.test import Client
from pytest_django import Settings

from portal.management.commands.promotion_jobs import entry_points_of
from registry_app.changes.undo import undo
from registry_app.models import ChangeSet, Experiment
from registry_app.resources import ExperimentResource
from registry_app.sync.run import sync
from runs_app.models import Parity, Promotion, StageChange, StageProof
from runs_app.models.experiments import with_stage
from runs_app.promotion.carry_out import run_waiting
from tests.factories import make_experiment, make_member
from tests.registry_app.forms import experiment_form
from tests.registry_app.sheets import imported, sheet
from tests.registry_app.sync.git.remote import Remote, make_remote

pytestmark = pytest.mark.django_db
NAME = "sampyo-ppe"
WHY = "agreed with the customer"
# What a promotion leaves in the core repository, as a person can write it there.
FORGED = """\
experiments:
  sampyo-ppe:
    path: sampyo-ppe
    stage: 5
    stage_reason: agreed with the customer
core:
  sampyo-ppe: {model: sampyo-ppe, version: 1, sha256: abcd, trainer: trainers/x, since: 2026-11-28}
"""


@pytest.fixture
def jiwoo() -> User:
    return make_member("PM", "jiwoo")


@pytest.fixture
def ppe(settings: Settings, tmp_path: Path) -> Experiment:
    """An experiment that was scanned and no more, so it is proved up to stage 1."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    directory = tmp_path / "roots" / NAME
    for folder in (directory, tmp_path / "home"):
        folder.mkdir(parents=True)
    return make_experiment(NAME, path=str(directory))


def evidence() -> dict[str, Any]:
    """The rows that prove stages and decide promotions, and the stage that follows from them."""
    rows = (Promotion, Parity, StageChange)
    experiment: Any = with_stage(Experiment.objects.filter(name=NAME)).get()
    found: dict[str, Any] = {model.__name__: list(model.objects.values()) for model in rows}
    proved = StageProof.objects.filter(Q(is_standard=True) | Q(is_integrated=True))
    return found | {
        "proofs": list(proved.values()),
        "stage": experiment.stage,
        "proved": experiment.proved_stage,
    }


def by_file(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    file = folder / "forged.yaml"
    file.write_text(FORGED)
    call_command("import_registry", str(file))


def by_sync(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_REGISTRY = folder / "experiments.yaml"
    sync()
    Path(settings.GUARDIANFLOW_REGISTRY).write_text(FORGED)
    sync()


def by_git(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    core: Remote = make_remote(folder / "git")
    settings.GUARDIANFLOW_CORE_URL = str(core.path)
    core.commit("experiments: {}\n")
    core.push()
    sync()
    core.pull()
    core.commit(FORGED)
    core.push()
    sync()


def by_sheet(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    headers = ["name", "path", "stage", "stage_reason"]
    imported(ExperimentResource, sheet(headers, [NAME, ppe.path, 5, WHY]), user=jiwoo)


def by_form(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    client = Client()
    client.force_login(jiwoo)
    page = f"/admin/registry_app/experiment/{ppe.pk}/change/"
    more = {
        "stage_held": "5",
        "stage_reason": WHY,
        "proved_stage": "5",
        "stage_proof-is_integrated": "on",
        "promotions-0-state": "promoted",
    }
    assert client.post(page, experiment_form(client, page) | more).status_code == 302


def by_undo(ppe: Experiment, jiwoo: User, folder: Path, settings: Settings) -> None:
    """A held stage that was taken away comes back with the undo of that change."""
    by_form(ppe, jiwoo, folder, settings)
    client = Client()
    client.force_login(jiwoo)
    page = f"/admin/registry_app/experiment/{ppe.pk}/change/"
    data = experiment_form(client, page) | {"stage_held": "", "stage_reason": ""}
    assert client.post(page, data).status_code == 302
    assert Experiment.objects.get(pk=ppe.pk).stage_held is None
    undo(ChangeSet.objects.latest("pk"), by=jiwoo)


DOORS: dict[str, Callable[[Experiment, User, Path, Settings], None]] = {
    "file": by_file,
    "sync": by_sync,
    "git": by_git,
    "sheet": by_sheet,
    "form": by_form,
    "undo": by_undo,
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_holds_a_stage_and_proves_none(
    ppe: Experiment, jiwoo: User, tmp_path: Path, settings: Settings, door: str
) -> None:
    before = evidence()
    assert (before["stage"], before["proved"]) == (1, 1)
    DOORS[door](ppe, jiwoo, tmp_path, settings)
    held = Experiment.objects.get(name=NAME)
    assert (held.stage_held, held.stage_reason) == (5, WHY), "the value is kept, and proves nothing"
    run_waiting(entry_points_of)  # a worker looks at what there is
    assert evidence() == before

"""A promotion carried out by a worker: in MLflow, on a branch, merged, and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from pytest_django import Settings

from portal.doctor.promotions import champions
from registry_app.document.reader import load
from registry_app.models import Experiment
from runs_app.exceptions import TrackingError
from runs_app.models import Promotion, StageProof
from runs_app.models.experiments import with_stage
from runs_app.promotion import branch, carry_out, integrated, package, request
from runs_app.tracking import registered
from runs_app.tracking.store import client
from tests.registry_app.sync.git.remote import Remote, git
from tests.runs_app.conftest import Home
from tests.runs_app.promotion.welding import (
    NAME,
    looked,
    make_core,
    make_welding,
    people,
    promoted,
    ran,
    worked,
)

pytestmark = [pytest.mark.django_db, pytest.mark.proof, pytest.mark.usefixtures("mlflow")]


@pytest.fixture
def core(home: Home, settings: Settings, tmp_path: Path) -> Remote:
    return make_core(tmp_path / "git", settings)


@pytest.fixture
def ppe(home: Home, core: Remote, request: pytest.FixtureRequest) -> Experiment:
    """An experiment of a name of its own, as all tests share one MLflow."""
    return make_welding(home, f"{NAME}-{request.node.name[5:40]}")


def merge(core: Remote, branch_name: str) -> None:
    """Merge a branch of the portal into main, as an engineer does."""
    core.pull()
    git(core.clone, "fetch", "--quiet", "origin", branch_name)
    git(core.clone, "merge", "--quiet", "--no-edit", "FETCH_HEAD")
    core.push()


def stage(experiment: Experiment) -> int:
    row: Any = with_stage(Experiment.objects.filter(pk=experiment.pk)).get()
    return int(row.proved_stage)


def test_a_model_is_promoted_merged_and_withdrawn(ppe: Experiment, core: Remote) -> None:
    before = git(core.path, "show", "main:MLproject")
    made = promoted(ppe)
    assert registered.champion_of(ppe.name) == made.mlflow_version
    assert registered.hashes_of(ppe.name, made.mlflow_version) == made.hashes()
    assert stage(ppe) == 4, "the branch is not merged yet"
    assert looked(ppe)[1].startswith(f"Branch {made.core_branch} is not in main")

    merge(core, made.core_branch)
    text = core.text()
    assert "# ours" in text
    assert "  # the first" in text
    entry = yaml.safe_load(text)["core"][ppe.name]
    assert entry["sha256"] == made.main_sha256
    assert [one.name for one in load(text.encode()).experiments] == [NAME]
    folder = core.clone / entry["trainer"]
    assert (folder / "trainer.py").read_text() == Path(ppe.path, "train.py").read_text()
    assert isinstance(json.loads((folder / "config.json").read_text()), dict)
    project = (core.clone / "MLproject").read_text()
    assert project.startswith("name: core   # MLflow")
    assert f"guardianflow run {ppe.name} --type train" in project
    assert looked(ppe)[0] is True
    assert stage(ppe) == 5

    jiwoo = made.approved_by
    assert jiwoo is not None
    request.withdraw(made, by=jiwoo, reason="The hooks are wrong")
    assert stage(ppe) == 5
    worked()
    made.refresh_from_db()
    assert (made.state, made.problem) == ("withdrawn", None)
    assert registered.champion_of(ppe.name) == ""
    assert stage(ppe) == 4
    merge(core, made.withdrawal_branch)
    assert "core" not in yaml.safe_load(core.text())
    assert not folder.exists()
    assert git(core.path, "show", "main:MLproject") == before
    assert core.log(form="%s")[0].startswith(("Withdraw", "Merge"))


def test_what_people_edited_since_stays_at_a_withdrawal(ppe: Experiment, core: Remote) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    trainer = branch.trainer_folder(made)
    core.edit("path: sampyo-ppe", "path: sampyo-ppe\n    owner: jiwoo")
    (core.clone / trainer / "trainer.py").write_text("# mine now\n")
    core.commit_all("Change the trainer")
    core.push()
    assert made.approved_by is not None
    request.withdraw(made, by=made.approved_by, reason="The hooks are wrong")
    worked()
    made.refresh_from_db()
    assert str(made.withdrawal_remark).startswith(f"{trainer}/trainer.py was edited since")
    merge(core, made.withdrawal_branch)
    said = yaml.safe_load(core.text())
    assert "core" not in said
    assert said["experiments"][NAME]["owner"] == "jiwoo"
    assert (core.clone / trainer / "trainer.py").read_text() == "# mine now\n"


def test_an_entry_that_a_person_edited_stays_and_the_other_files_go(
    ppe: Experiment, core: Remote
) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    folder = branch.trainer_folder(made)
    core.edit(made.main_sha256, "f" * 64)
    assert looked(ppe)[0] is False
    assert made.approved_by is not None
    request.withdraw(made, by=made.approved_by, reason="The hooks are wrong")
    worked()
    made.refresh_from_db()
    assert made.state == "withdrawn"
    assert str(made.withdrawal_remark).startswith("registry/experiments.yaml was edited since")
    merge(core, made.withdrawal_branch)
    assert yaml.safe_load(core.text())["core"][ppe.name]["sha256"] == "f" * 64
    assert not (core.clone / folder).exists()


def test_a_renamed_experiment_keeps_its_entry_until_the_next_promotion(
    ppe: Experiment, core: Remote
) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    former, ppe.name = ppe.name, f"{ppe.name}-welding"
    ppe.save()
    holds, why = looked(ppe)
    assert (holds, stage(ppe)) == (True, 5)
    assert why.endswith(f"in main, under {former}, as the experiment was called then.")

    core.edit(made.main_sha256, "f" * 64)
    assert looked(ppe) == (
        False,
        f"The core section of main says something else about {former} than was promoted.",
    )
    core.edit("f" * 64, made.main_sha256)
    assert looked(ppe)[0] is True

    newer = promoted(ppe, seed=2)
    merge(core, newer.core_branch)
    assert set(yaml.safe_load(core.text())["core"]) == {ppe.name}
    assert looked(ppe)[0] is True

    assert newer.approved_by is not None
    ppe.name = f"{former}-again"
    ppe.save()
    request.withdraw(newer, by=newer.approved_by, reason="Worse at night")
    worked()
    newer.refresh_from_db()
    merge(core, newer.withdrawal_branch)
    assert newer.mlflow_name not in (yaml.safe_load(core.text()).get("core") or {})


def test_the_version_before_is_the_champion_again(ppe: Experiment, core: Remote) -> None:
    first = promoted(ppe)
    merge(core, first.core_branch)
    second = promoted(ppe, seed=2)
    merge(core, second.core_branch)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert registered.champion_of(ppe.name) == second.mlflow_version
    assert looked(ppe)[0] is True
    assert second.approved_by is not None
    request.withdraw(second, by=second.approved_by, reason="Worse at night")
    worked()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("promoted", "withdrawn")
    assert registered.champion_of(ppe.name) == first.mlflow_version
    merge(core, second.withdrawal_branch)
    assert looked(ppe)[0] is True, "the entry of the first is back"


def test_a_branch_that_was_never_merged_goes(ppe: Experiment, core: Remote) -> None:
    made = promoted(ppe)
    assert made.approved_by is not None
    request.withdraw(made, by=made.approved_by, reason="Too early")
    worked()
    made.refresh_from_db()
    assert (made.state, made.withdrawal_branch) == ("withdrawn", "")
    assert git(core.path, "branch", "--list", "guardianflow/*") == ""


def test_a_promotion_that_was_stopped_early_leaves_the_one_before_in_force(
    ppe: Experiment, core: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one is withdrawn before a worker has reached MLflow's alias."""
    first = promoted(ppe)
    merge(core, first.core_branch)
    assert looked(ppe)[0] is True
    minsu, jiwoo = first.requested_by, first.approved_by
    assert minsu is not None
    assert jiwoo is not None
    second = request.request(ppe, ran(ppe, seed=1), ["best.onnx"], reason="Newer", by=minsu)
    request.approve(second, by=jiwoo)
    with monkeypatch.context() as patch:
        patch.setattr(registered, "upload", away)
        worked()
    second.refresh_from_db()
    request.withdraw(second, by=jiwoo, reason="Too early")
    worked()
    states = Promotion.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["promoted", "withdrawn"]
    assert registered.champion_of(ppe.name) == first.mlflow_version
    assert StageProof.objects.get(experiment=ppe).is_integrated
    assert stage(ppe) == 5


def away(*args: Any, **options: Any) -> Any:
    raise TrackingError("MLflow is away")


def test_an_mlflow_that_goes_away_at_the_last_look_is_asked_again(
    ppe: Experiment, core: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promotion is done; only whether it holds is not known yet."""
    first = promoted(ppe)
    merge(core, first.core_branch)
    assert looked(ppe)[0] is True
    with monkeypatch.context() as patch:
        patch.setattr(integrated, "state_of", away)
        second = promoted(ppe, seed=2)
    first.refresh_from_db()
    assert (first.state, second.state, second.problem) == ("replaced", "promoted", None)
    row = StageProof.objects.get(experiment=ppe)
    assert row.is_integrated is False, "the answer before was about the first one"
    assert str(row.integrated_why) == "It could not be checked: MLflow is away"
    merge(core, second.core_branch)
    assert looked(ppe)[0] is True
    assert second.approved_by is not None
    request.withdraw(second, by=second.approved_by, reason="Worse at night")
    with monkeypatch.context() as patch:
        patch.setattr(registered, "remove_champion", away)
        patch.setattr(registered, "set_champion", away)
        worked()
    second.refresh_from_db()
    assert (second.state, str(second.problem)) == ("withdrawing", "MLflow is away")
    worked()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.problem) == ("promoted", "withdrawn", None)


STEPS: list[tuple[Any, str]] = [
    (registered, "open_own_run"),
    (registered, "upload"),
    (registered, "ensure_model"),
    (registered, "ensure_version"),
    (registered, "set_champion"),
    (branch, "integrate"),
]


def test_a_worker_that_dies_after_any_step_is_continued(
    ppe: Experiment, core: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is done, and then the worker dies before it can store that."""
    training = ran(ppe)
    ran(ppe, "eval", weights="best.onnx")
    minsu, jiwoo = people()
    made = request.request(ppe, training, [], reason="Better hooks", by=minsu)
    request.approve(made, by=jiwoo)
    for module, name in STEPS:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, dying(getattr(module, name)))
            worked()
        made.refresh_from_db()
        assert made.state == "approved"
        assert "died" in str(made.problem)
    worked()
    made.refresh_from_db()
    assert (made.state, made.problem) == ("promoted", None)
    versions = client().search_model_versions(f"run_id = '{made.mlflow_run_id}'")
    assert [str(version.version) for version in versions] == [made.mlflow_version] == ["1"]
    tag = f"tags.`guardianflow.promotion` = '{made.uuid}'"
    assert len(client().search_runs([training.mlflow_experiment_id], filter_string=tag)) == 1
    assert len(core.log(made.core_branch)) == 2, "one commit on top of the first"


def dying(step: Callable[..., Any]) -> Callable[..., Any]:
    def died(*args: Any, **options: Any) -> Any:
        step(*args, **options)
        raise TrackingError("the worker died")

    return died


def test_a_champion_that_is_gone_is_noticed(ppe: Experiment, core: Remote) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    assert looked(ppe)[0] is True
    Promotion.objects.exclude(pk=made.pk).delete()
    assert [line.level for line in champions()] == ["ok"]
    client().set_registered_model_alias(ppe.name, "champion", made.mlflow_version)
    artifacts = client().get_run(made.mlflow_run_id).info.artifact_uri
    folder = Path(unquote(urlsplit(artifacts).path))
    weights = folder / registered.PACKAGE / "best.onnx"
    weights.write_bytes(b"other bytes")
    assert looked(ppe) == (
        False,
        f"Version 1 of model {ppe.name} has other files than were promoted: best.onnx.",
    )
    shutil.rmtree(folder)  # as `mlflow gc` does
    holds, why = looked(ppe)
    assert (holds, "gone from MLflow" in why) == (False, True)
    assert stage(ppe) == 4
    [line] = champions()
    assert (line.level, line.text) == ("bad", why)
    registered.remove_champion(ppe.name)
    assert looked(ppe)[1] == f"Model {ppe.name} has no alias champion."


def test_a_remote_that_is_away_changes_no_answer(
    ppe: Experiment, core: Remote, settings: Settings
) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    assert looked(ppe)[0] is True
    settings.GUARDIANFLOW_CORE_URL = str(core.path.with_name("nowhere.git"))
    holds, why = looked(ppe)
    assert holds is True
    assert why.startswith("It could not be checked:")


def test_a_copy_that_was_damaged_is_not_uploaded(ppe: Experiment, core: Remote) -> None:
    training = ran(ppe)
    ran(ppe, "eval", weights="best.onnx")
    minsu, jiwoo = people()
    made = request.request(ppe, training, [], reason="Better hooks", by=minsu)
    request.approve(made, by=jiwoo)
    kept = training.folder / package.kept_path(training, "best.onnx")
    kept.chmod(0o600)
    kept.write_bytes(b"damaged")
    worked()
    made.refresh_from_db()
    assert (made.state, made.wanted) == ("approved", carry_out.Step.UPLOAD)
    assert "is not the file that the run made" in str(made.problem)
    assert Promotion.objects.filter(next_at__isnull=False).exists()

"""Minsu requests a promotion and Jiwoo approves it; what is missing is said all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError
from runs_app.models import Parity, ParityRun, Promotion, Run, RunFile, RunInput
from runs_app.promotion import request
from runs_app.promotion.candidates import candidates_of
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import store_standard
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.promotion.onnx_bytes import onnx
from tests.runs_app.promotion.welding import make_proof

pytestmark = pytest.mark.django_db
WHY = "Better hooks"
CLASSES = ["headgear", "hook"]


@pytest.fixture
def minsu() -> User:
    return make_member("Engineer", "minsu")


@pytest.fixture
def jiwoo() -> User:
    return make_member("Engineer", "jiwoo")


@pytest.fixture
def ppe(home: Home) -> Experiment:
    made = make_experiment(
        "sampyo-ppe", task_type="ppe", classes=CLASSES, completeness=100, confirmed=100
    )
    store_standard(made.pk, Proof(holds=True))
    make_proof(made)
    return made


def trained(
    experiment: Experiment, data: bytes = onnx({"names": repr(CLASSES)}), path: str = "best.onnx"
) -> Run:
    """A good run that left a model, with the portal's copy of it."""
    import hashlib

    run = make_run(experiment, RunStatus.SUCCEEDED)
    kept = run.folder / "outputs" / path
    kept.parent.mkdir(parents=True)
    kept.write_bytes(data)
    RunFile.objects.create(
        run=run,
        path=path,
        change="created",
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kept=f"outputs/{path}",
    )
    return run


def test_a_model_of_a_parity_comparison_is_not_promoted(ppe: Experiment, minsu: User) -> None:
    """A control is worse on purpose, and the others may be shortened."""
    run = trained(ppe)
    evaluated(run)
    [parity] = Parity.objects.all()
    ParityRun.objects.create(parity=parity, role="control", number=0, run=run)
    assert candidates_of(ppe) == []
    with pytest.raises(RefusedError, match="is part of a parity comparison"):
        request.request(ppe, run, ["best.onnx"], reason=WHY, by=minsu)


def evaluated(run: Run, **fields: Any) -> Run:
    """A good evaluation that was started with the model of a run."""
    values: dict[str, Any] = {
        "type": EntryPointType.EVAL,
        "main_metric": "mAP50",
        "main_value": 0.8,
        **fields,
    }
    changed = values.pop("changed", False)
    judge = make_run(run.experiment, RunStatus.SUCCEEDED, **values)
    file = run.files.get()
    RunInput.objects.create(
        run=judge, path=file.path, name="weights", sha256=file.sha256, changed=changed
    )
    return judge


def asked(run: Run, by: User) -> Promotion:
    return request.request(run.experiment, run, [], reason=WHY, by=by)


def test_a_request_whose_account_is_gone_is_approved_by_none(
    ppe: Experiment, minsu: User, jiwoo: User, settings: Settings
) -> None:
    """Minsu may have a new account by now, and would approve his own request with it."""
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    minsu.delete()
    made.refresh_from_db()
    for allowed in (False, True):
        settings.GUARDIANFLOW_SELF_APPROVAL = allowed
        with pytest.raises(RefusedError, match="was deleted"):
            request.approve(made, by=make_member("Engineer", f"minsu-{allowed}"))
    made.refresh_from_db()
    assert (made.state, made.approved_by) == ("requested", None)
    client = Client()
    client.force_login(jiwoo)
    page = client.get(made.get_absolute_url()).text
    assert "was deleted, so another person cannot be told from it" in page
    assert f"/promotion/{made.pk}/approve/" not in page
    request.reject(made, by=jiwoo, reason="Ask again")


def test_the_database_refuses_an_approval_by_the_requester(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    """Whichever door wrote it."""
    run = trained(ppe)
    evaluated(run)
    made = Promotion.objects.filter(pk=asked(run, minsu).pk)
    now = timezone.now()
    with pytest.raises(IntegrityError, match="approved_by_another"), transaction.atomic():
        made.update(state="promoted", approved_by=minsu, approved_at=now)
    with pytest.raises(IntegrityError, match="approved_has_time"), transaction.atomic():
        made.update(state="promoted", approved_by=jiwoo)
    assert made.update(state="promoted", approved_by=jiwoo, approved_at=now) == 1


def test_an_approval_is_of_the_comparison_that_counts_then(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    """Between request and approval another trainer was compared: that one goes into the core."""
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    newer = make_proof(ppe)
    Parity.objects.filter(pk=newer.pk).update(new_script="trainer_v2.py")
    request.approve(made, by=jiwoo)
    made.refresh_from_db()
    assert (made.parity, made.trainer) == (newer, "trainer_v2.py")


def test_a_model_with_all_evidence_is_requested_and_approved(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    run = trained(ppe)
    judge = evaluated(run)
    made = asked(run, minsu)
    assert (made.evaluation_run, made.metric, made.value) == (judge, "mAP50", 0.8)
    assert made.classes_source == "best.onnx"
    request.approve(made, by=jiwoo)
    assert (made.state, made.approved_by, made.is_self_approved) == ("approved", jiwoo, False)


def test_everything_that_is_missing_is_said_at_once(ppe: Experiment, minsu: User) -> None:
    Experiment.objects.filter(pk=ppe.pk).update(confirmed=85, classes=["hook"])
    ppe.refresh_from_db()
    with pytest.raises(RefusedError) as refused:
        asked(trained(ppe), minsu)
    said = str(refused.value)
    for sentence in (
        "The metadata of sampyo-ppe is not complete and confirmed.",
        "sampyo-ppe is proved up to stage 1; a promotion needs stage 4.",
        "had best.onnx among its inputs and reported",
        "The classes differ: best.onnx has headgear, hook, the registry has hook.",
    ):
        assert sentence in said
    assert not Promotion.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"changed": True},
        {"changed": None},
        {"main_value": None},
        {"type": EntryPointType.TRAIN},
    ],
    ids=["changed while it ran", "not looked at after", "no main metric", "a training"],
)
def test_a_run_that_shows_nothing_of_the_file_is_no_evaluation(
    ppe: Experiment, minsu: User, fields: dict[str, object]
) -> None:
    run = trained(ppe)
    evaluated(run, **fields)
    with pytest.raises(RefusedError, match="No successful evaluation"):
        asked(run, minsu)


def test_an_inference_that_measures_is_as_good_as_an_evaluation(
    ppe: Experiment, minsu: User
) -> None:
    run = trained(ppe)
    evaluated(run, type=EntryPointType.INFER)
    assert asked(run, minsu).state == "requested"


def test_who_requested_does_not_approve(ppe: Experiment, minsu: User, settings: Settings) -> None:
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    with pytest.raises(RefusedError, match="does not approve it"):
        request.approve(made, by=minsu)
    settings.GUARDIANFLOW_SELF_APPROVAL = True
    request.approve(made, by=minsu)
    assert made.is_self_approved is True


def test_the_approver_confirms_classes_that_no_plain_file_states(
    ppe: Experiment, minsu: User, jiwoo: User
) -> None:
    run = trained(ppe, b"PK a pickle", "weights.pt")
    evaluated(run)
    made = asked(run, minsu)
    with pytest.raises(RefusedError, match="No plain file states the classes"):
        request.approve(made, by=jiwoo)
    request.approve(made, by=jiwoo, classes_confirmed=True)
    assert (made.classes_confirmed, made.classes_source) == (True, "")


def test_all_is_checked_again_at_the_approval(ppe: Experiment, minsu: User, jiwoo: User) -> None:
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    store_standard(ppe.pk, Proof(holds=False))
    with pytest.raises(RefusedError, match="proved up to stage 3"):
        request.approve(made, by=jiwoo)
    made.refresh_from_db()
    assert made.state == "requested"


def test_an_experiment_has_one_open_promotion(ppe: Experiment, minsu: User, jiwoo: User) -> None:
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    with pytest.raises(RefusedError, match=f"Promotion {made.pk} of sampyo-ppe is still open"):
        asked(run, minsu)
    request.reject(made, by=jiwoo, reason="Not yet")
    assert asked(run, minsu).pk != made.pk


def test_of_two_decisions_one_counts(ppe: Experiment, minsu: User, jiwoo: User) -> None:
    run = trained(ppe)
    evaluated(run)
    made = asked(run, minsu)
    same = Promotion.objects.get(pk=made.pk)
    request.approve(made, by=jiwoo)
    with pytest.raises(RefusedError, match="does not wait for an approval"):
        request.reject(same, by=jiwoo, reason="Too late")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("gone", "has no copy of best.onnx"),
        ("other", "is not the file that the run made"),
    ],
)
def test_a_copy_that_is_not_the_file_is_not_promoted(
    ppe: Experiment, minsu: User, damage: str, sentence: str
) -> None:
    run = trained(ppe)
    evaluated(run)
    kept = Path(run.folder, "outputs", "best.onnx")
    if damage == "gone":
        kept.unlink()
    else:
        kept.write_bytes(onnx({"names": repr(CLASSES), "author": "someone"}))
    with pytest.raises(RefusedError, match=sentence):
        asked(run, minsu)


def test_a_model_of_another_experiment_keeps_its_name(ppe: Experiment, minsu: User) -> None:
    other = make_experiment("sampyo/ppe", path="/nowhere/other")
    run = trained(ppe)
    evaluated(run)
    with pytest.raises(RefusedError, match="as that of sampyo/ppe"):
        asked(run, minsu)
    other.delete()
    with pytest.raises(RefusedError, match="Say why"):
        request.request(ppe, run, [], reason="  ", by=minsu)


def test_evaluated_files_are_offered_first(ppe: Experiment) -> None:
    old = trained(ppe)
    judge = evaluated(old)
    new = trained(ppe, onnx({"author": "later"}))
    found = [(one.file.run, one.evaluation) for one in candidates_of(ppe)]
    assert found == [(old, judge), (new, None)]

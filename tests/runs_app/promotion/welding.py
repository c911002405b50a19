"""A PPE experiment that trains and evaluates for real, and a core repository to promote into."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from portal.management.commands.promotion_jobs import entry_points_of
from registry_app.models import Experiment
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Parity, Promotion, Run, StageProof
from runs_app.promotion import request
from runs_app.promotion.carry_out import run_waiting
from runs_app.stages.ladder import Proof
from runs_app.stages.notes import store_standard
from runs_app.tracking import outbox
from tests.factories import make_entry_point, make_member, make_script
from tests.registry_app.sync.git.remote import Remote, make_remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, start
from tests.runs_app.promotion.onnx_bytes import onnx

CLASSES = ["headgear", "hook"]
TRAIN = """\
import csv, sys
from pathlib import Path
seed = sys.argv[sys.argv.index("--seed") + 1] if "--seed" in sys.argv else "1"
Path("best.onnx").write_bytes(Path("untrained.onnx").read_bytes() + b"\\x12\\x01" + seed.encode())
with open("results.csv", "w", newline="") as file:
    csv.writer(file).writerows([["epoch", "metrics/mAP50(B)"], [1, 0.7]])
"""
EVALUATE = """\
import csv, sys
weights = open(sys.argv[sys.argv.index("--weights") + 1], "rb").read()
with open("results.csv", "w", newline="") as file:
    csv.writer(file).writerows([["epoch", "metrics/mAP50(B)"], [1, 0.8]])
"""
REGISTRY = """\
# ours
experiments:
  sampyo-ppe:   # the first
    path: sampyo-ppe
"""
MLPROJECT = """\
name: core   # MLflow
entry_points:
  main: {command: "guardianflow scenario run x"}
"""
NAME = "sampyo-ppe"


def make_core(folder: Path, settings: Settings) -> Remote:
    """A core repository with a registry file and an MLproject of people."""
    made = make_remote(folder)
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    (made.clone / "MLproject").write_text(MLPROJECT)
    made.commit(REGISTRY)
    made.push()
    return made


def make_welding(home: Home, name: str = NAME) -> Experiment:
    """An experiment whose metadata is confirmed; a comparison has proved its trainer."""
    experiment = home.experiment(
        name, script=TRAIN, parameters=[{"name": "seed", "flag": "--seed", "type": "int"}]
    )
    directory = Path(experiment.path)
    (directory / "untrained.onnx").write_bytes(onnx({"names": repr(CLASSES)}))
    (directory / "evaluate.py").write_text(EVALUATE)
    make_entry_point(experiment, "eval", "evaluate.py")
    weights = {"name": "weights", "flag": "--weights", "type": "str", "required": True}
    make_script(experiment, "evaluate.py", types=["eval"], parameters=[weights])
    Experiment.objects.filter(pk=experiment.pk).update(
        task_type="ppe", classes=CLASSES, completeness=100, confirmed=100
    )
    store_standard(experiment.pk, Proof(holds=True))
    make_proof(experiment)
    experiment.refresh_from_db()
    return experiment


def make_proof(experiment: Experiment) -> Parity:
    """A comparison that found the trainer equal to the script, for the present files."""
    return Parity.objects.create(
        experiment=experiment,
        type="train",
        old_script="train.py",
        new_script="train.py",
        rule_version=1,
        state="done",
        outcome="equal",
        tier="same_seed",
        finished_at=timezone.now(),
    )


def ran(experiment: Experiment, kind: str = "train", **params: object) -> Run:
    """Run a script to its end and send the run to MLflow."""
    asked = RunRequest(experiment=experiment, type=kind, params=params)
    run = submit(asked, user=None)
    assert start(run)
    end(run)
    assert outbox.send(run.pk), Run.objects.get(pk=run.pk).mlflow_error
    run.refresh_from_db()
    return run


def people() -> tuple[User, User]:
    return make_member("Engineer", "minsu"), make_member("Engineer", "jiwoo")


def promoted(experiment: Experiment, *, seed: int = 1) -> Promotion:
    """Train, evaluate, request, approve and carry out."""
    training = ran(experiment, seed=seed)
    ran(experiment, "eval", weights="best.onnx")
    minsu = User.objects.filter(username="minsu").first() or make_member("Engineer", "minsu")
    jiwoo = User.objects.filter(username="jiwoo").first() or make_member("Engineer", "jiwoo")
    made = request.request(experiment, training, ["best.onnx"], reason="Better hooks", by=minsu)
    request.approve(made, by=jiwoo)
    worked()
    made.refresh_from_db()
    assert made.state == "promoted", (made.wanted, made.problem)
    return made


def worked() -> None:
    """Do what a worker does now."""
    Promotion.objects.update(next_at=None)
    run_waiting(entry_points_of)


def looked(experiment: Experiment) -> tuple[bool, str]:
    """Have a worker look whether the promotion holds; return its answer."""
    StageProof.objects.filter(experiment=experiment).update(next_check_at="2026-01-01T00:00:00Z")
    worked()
    row = StageProof.objects.get(experiment=experiment)
    return row.is_integrated, str(row.integrated_why)

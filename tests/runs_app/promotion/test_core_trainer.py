"""A trainer of the core repository: compared, promoted, merged, and taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from registry_app.models import CoreTrainer, Experiment
from registry_app.reading import message_text
from registry_app.sync.run import sync
from runs_app.exceptions import UnconfirmedError
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Parity, StageProof
from runs_app.parity.holds import holds
from runs_app.parity.plan import Plan, plan
from runs_app.parity.stage import proof_of
from runs_app.parity.start import start
from runs_app.promotion import branch, request
from runs_app.stages.notes import store_standard
from runs_app.trainers import gf_base
from runs_app.trainers.adapter import adapter_of
from tests.factories import change_entry_points, make_user
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.parity.examples import carry_out
from tests.runs_app.promotion.test_carry_out import merge, stage
from tests.runs_app.promotion.welding import (
    looked,
    make_core,
    make_welding,
    promoted,
    worked,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.proof,
    pytest.mark.usefixtures("mlflow"),
]

NAME = "sampyo-core-ppe"
SCRIPT = f"core:trainers/{NAME}/ppe.py"
TRAINER = f'''\
import dataclasses
from pathlib import Path
from gf_base import BaseTrainer


class PpeTrainer(BaseTrainer):
    experiment = "{NAME}"

    @dataclasses.dataclass
    class Config:
        epochs: int = 4
        seed: int = 1

    def train(self):
        weights = Path("untrained.onnx").read_bytes()
        Path("best.onnx").write_bytes(weights + b"\\x12\\x01" + str(self.config.seed).encode())
        for epoch in range(self.config.epochs):
            self.log_metric("val/loss", 1 / (epoch + 1 + self.config.seed), epoch)
            self.log_metric("metrics/mAP50(B)", 0.5 + epoch / 100, epoch)


if __name__ == "__main__":
    raise SystemExit(PpeTrainer.main())
'''
OLD = """\
import argparse, csv
from pathlib import Path
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
Path("best.onnx").write_bytes(Path("untrained.onnx").read_bytes())
with open("results.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["epoch", "val/loss", "metrics/mAP50(B)"])
    for epoch in range(options.epochs):
        rows.writerow([epoch, 1 / (epoch + 1 + options.seed), 0.5 + epoch / 100])
"""
PARAMETERS: list[dict[str, object]] = [
    {"name": "epochs", "flag": "--epochs", "type": "int", "default": 4},
    {"name": "seed", "flag": "--seed", "type": "int", "default": 1},
]


@pytest.fixture
def core(home: Home, settings: Settings, tmp_path: Path) -> Remote:
    return make_core(tmp_path / "git", settings)


@pytest.fixture
def ppe(home: Home, core: Remote) -> Experiment:
    """An experiment whose script is `OLD`; the core repository has a trainer for it."""
    experiment = make_welding(home, NAME)
    Parity.objects.all().delete()
    StageProof.objects.all().delete()
    Path(experiment.path, "train.py").write_text(OLD)
    experiment.scripts.filter(path="train.py").update(parameters=PARAMETERS)
    put(core, TRAINER)
    sync()
    return Experiment.objects.get(pk=experiment.pk)


def put(core: Remote, text: str) -> None:
    """Commit a trainer, beside its base, to the main branch."""
    core.pull()
    folder = core.clone / "trainers" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ppe.py").write_text(text)
    shutil.copy(gf_base.__file__, folder / "gf_base.py")
    core.commit_all("Change the trainer")
    core.push()


def begin(planned: Plan) -> Parity:
    """Start a comparison as an engineer who has read the trainers that come from git."""
    return start(planned, user=None, read=[waiting.digest for waiting in planned.unread])


def compared(experiment: Experiment) -> Parity:
    return carry_out(begin(plan(experiment, type="train", new=SCRIPT)))


def test_a_trainer_of_the_core_is_compared_with_the_script(ppe: Experiment, core: Remote) -> None:
    parity = compared(ppe)
    assert (parity.outcome, parity.control_result) == ("equal", "fell_out"), str(parity.reason)
    assert parity.old_script == "train.py"
    row = CoreTrainer.objects.get()
    assert (parity.hashes["trainer"], parity.hashes["gf_base"]) == (row.sha256, row.base_sha256)
    assert proof_of(ppe).holds
    put(core, TRAINER + "# edited\n")
    sync()
    found = holds(ppe)
    assert (found.is_proof, found.is_outdated) == (False, True)
    assert SCRIPT in str(proof_of(ppe).why)


def test_a_drafted_adapter_of_the_core_needs_one_run(ppe: Experiment, core: Remote) -> None:
    """The draft is pushed, merged and synced as it is; it starts the script as a process."""
    Path(ppe.path, "train.py").write_text(OLD)
    adapter = adapter_of(ppe, "train")
    assert adapter.draft.kind == "script"
    core.pull()
    shutil.rmtree(core.clone / "trainers")
    for path, text in adapter.files.items():
        (core.clone / path).parent.mkdir(parents=True, exist_ok=True)
        (core.clone / path).write_text(text)
    core.commit_all("Merge the adapter")
    core.push()
    sync()
    planned = plan(ppe, type="train", new=adapter.default)
    assert planned.runs[0] == 1
    parity = carry_out(begin(planned))
    assert (parity.outcome, parity.tier) == ("equal", "same_command"), str(parity.reason)
    assert parity.runs.count() == 1
    assert str(proof_of(ppe).why).startswith(f"{adapter.default} (script)")


def test_a_trainer_of_the_core_is_promoted_where_it_is(ppe: Experiment, core: Remote) -> None:
    compared(ppe)
    store_standard(ppe.pk, proof_of(ppe))
    ppe.entry_points.filter(type="train").update(default_script=SCRIPT)
    change_entry_points(ppe)
    for name in ("minsu", "jiwoo"):  # the groups are gone after any test with real transactions
        make_user(name)
    made = promoted(ppe)
    assert made.trainer == SCRIPT
    assert run_to_end(ppe, params={"epochs": 2}).script == SCRIPT
    assert str(branch.trainer_path(made)) == f"trainers/{NAME}/ppe.py"
    assert {change["path"] for change in made.core_changes} == {
        "registry/experiments.yaml",
        "MLproject",
        f"trainers/{NAME}/config.json",
        f"trainers/{NAME}/test_trainer.py",
    }
    merge(core, made.core_branch)
    folder = core.clone / "trainers" / NAME
    assert (folder / "ppe.py").read_text() == TRAINER
    assert json.loads((folder / "config.json").read_text()) == {"epochs": 4, "seed": 1}
    entry = yaml.safe_load(core.text())["core"][NAME]
    assert entry["trainer"] == f"trainers/{NAME}"
    assert looked(ppe)[0] is True
    assert stage(ppe) == 5
    sync()
    assert proof_of(ppe).holds, "the files beside a trainer are none of its proof"
    with pytest.raises(UnconfirmedError) as refused:
        submit(RunRequest(experiment=ppe, type="train"), user=None)
    said = message_text(refused.value.message)
    assert "was changed since an engineer confirmed it" in said
    assert "new: config.json, test_trainer.py" in said
    assert made.approved_by is not None
    request.withdraw(made, by=made.approved_by, reason="The hooks are wrong")
    worked()
    made.refresh_from_db()
    merge(core, made.withdrawal_branch)
    assert sorted(path.name for path in folder.iterdir()) == ["gf_base.py", "ppe.py"]

"""A trainer that starts the unmodified script: one run is enough if it is the same command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from registry_app.models import Experiment
from runs_app.models import Parity
from runs_app.parity.holds import holds
from runs_app.parity.plan import plan
from runs_app.trainers import gf_base
from tests.runs_app.conftest import Home
from tests.runs_app.parity.examples import begin, carry_out, experiment_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

TRAINER = """
from __future__ import annotations
import dataclasses
from gf_base import ScriptTrainer

class GimhaeTrainer(ScriptTrainer):
    experiment = "sampyo-gimhae-bct"
    script = "train.py"

    @dataclasses.dataclass
    class Config:
        epochs: int | None = None
        lr: float | None = None
        seed: int | None = None

if __name__ == "__main__":
    raise SystemExit(GimhaeTrainer.main())
"""


def adapted(home: Home, *, trainer: str = TRAINER) -> Experiment:
    """Register an experiment whose train.py is started by a trainer in its directory."""
    experiment = experiment_of(home, new=trainer)
    shutil.copy(gf_base.__file__, Path(experiment.path) / "gf_base.py")
    return experiment


def compared(home: Home, *, trainer: str = TRAINER, **params: object) -> Parity:
    return carry_out(begin(adapted(home, trainer=trainer), **params))


def test_the_same_file_and_arguments_need_one_run(home: Home) -> None:
    experiment = adapted(home)
    planned = plan(experiment, type="train", old="train.py", new="train_new.py", params={})
    assert planned.runs == (1, 14)
    parity = carry_out(begin(experiment, epochs=3))
    assert (parity.outcome, parity.tier, parity.control_result) == (
        "equal",
        "same_command",
        "not_run",
    )
    assert parity.runs.count() == 1
    assert [row["metric"] for row in parity.rows] == ["loss"]
    assert "starts the same file with the same arguments" in str(parity.reason)
    holding = holds(experiment)
    assert holding.is_proof
    (Path(experiment.path) / "gf_base.py").write_text("# another base\n")
    assert holds(experiment).is_outdated


@pytest.mark.proof
@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        # Other arguments than the old side's; they change nothing here.
        ('script = "train.py"', 'script = "train.py"; arguments = "--lr 0.05"', "equal"),
        # A training that is not the old one.
        ('script = "train.py"', 'script = "train.py"; arguments = "--lr 0.2"', "outside"),
        # The script is started twice.
        ("class Config:", "class Config:", "equal"),
    ],
)
def test_anything_else_is_compared_as_usual(
    home: Home, before: str, after: str, outcome: str
) -> None:
    trainer = TRAINER.replace(before, after)
    if before == after:
        trainer = TRAINER.replace(
            "    @dataclasses", "    def evaluate(self):\n        self.train()\n\n    @dataclasses"
        )
    parity = compared(home, trainer=trainer)
    assert (parity.outcome, parity.tier != "same_command") == (outcome, True)
    assert parity.runs.count() >= 4

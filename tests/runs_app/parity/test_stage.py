"""Stage 4 follows from a trainer, its run and a comparison, and a changed file takes it back."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Parity, StageProof
from runs_app.models.experiments import with_stage
from runs_app.parity.sides import Sides, hashes_of
from runs_app.parity.stage import check_due, proof_of
from runs_app.stages.notes import ask_for_check
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
TRAINER = """\
from gf_base import BaseTrainer
class BctTrainer(BaseTrainer):
    experiment = "sampyo-gimhae-bct"
    def train(self): pass
"""


@pytest.fixture
def bct(home: Home) -> Experiment:
    experiment = home.experiment()
    Path(experiment.path, "trainer.py").write_text(TRAINER)
    Path(experiment.path, "gf_base.py").write_text("")
    Experiment.objects.filter(pk=experiment.pk).update(completeness=100, confirmed=100)
    return experiment


def compared(experiment: Experiment, outcome: str = "equal", control: str = "fell_out") -> Parity:
    """A comparison of the files as they are now."""
    sides = Sides(old="train.py", new="trainer.py")
    return Parity.objects.create(
        experiment=experiment,
        type="train",
        old_script=sides.old,
        new_script=sides.new,
        hashes=hashes_of(experiment, sides),
        rule_version=1,
        state="done",
        outcome=outcome,
        control_result=control,
        finished_at=timezone.now(),
    )


def ran(experiment: Experiment, of: str = "sampyo-gimhae-bct") -> None:
    """A good run of the trainer, with the record that it leaves."""
    run = make_run(experiment, RunStatus.SUCCEEDED, script="trainer.py")
    run.folder.mkdir(parents=True)
    digest = sha256(Path(experiment.path, "trainer.py").read_bytes()).hexdigest()
    row = {
        "kind": "header",
        "interface": 1,
        "class": "BctTrainer",
        "experiment": of,
        "trainer_kind": "native",
        "files": {"trainer": {"sha256": digest}},
    }
    folder_of(run).trainer_record.write_text(json.dumps(row) + "\n")


def stage(experiment: Experiment) -> int:
    check_due()
    row = with_stage(Experiment.objects.filter(pk=experiment.pk)).get()
    return int(row.proved_stage)  # type: ignore[attr-defined]


def test_all_three_proofs_make_stage_4(bct: Experiment) -> None:
    assert "A trainer of the standard interface" in str(proof_of(bct).why)
    compared(bct)
    assert str(proof_of(bct).why) == "A run of trainer.py that succeeds and leaves its record."
    ran(bct)
    found = proof_of(bct)
    assert found.holds
    assert "trainer.py (native) trains like the script" in str(found.why)
    assert stage(bct) == 4


def test_a_changed_file_takes_it_back_with_its_reason(bct: Experiment) -> None:
    compared(bct)
    ran(bct)
    assert stage(bct) == 4
    Path(bct.path, "trainer.py").write_text(TRAINER + "\n# changed\n")
    assert stage(bct) == 4, "nothing was looked at"
    ask_for_check(bct.pk)
    assert stage(bct) == 3
    why = str(StageProof.objects.get(experiment=bct).standard_why)
    assert "trainer.py" in why


@pytest.mark.parametrize(
    ("outcome", "control", "holds", "word"),
    [
        ("within", "fell_out", True, "within"),
        ("equal", "impossible", True, "no control"),
        ("outside", "fell_out", False, ""),
        ("nothing", "stayed_in", False, ""),
    ],
)
def test_only_a_comparison_that_proves_counts(
    bct: Experiment, outcome: str, control: str, holds: bool, word: str
) -> None:
    ran(bct)
    compared(bct, outcome, control)
    found = proof_of(bct)
    assert found.holds is holds
    assert word in str(found.why)


def test_a_script_that_is_no_trainer_proves_nothing(bct: Experiment) -> None:
    """Any script may write a record; a class of the interface has to be there too."""
    Path(bct.path, "trainer.py").write_text("print('a script')")
    compared(bct)
    ran(bct)
    found = proof_of(bct)
    assert not found.holds
    assert str(found.why).startswith("trainer.py has no class of the standard interface")


def test_an_alias_names_the_experiment_too(bct: Experiment) -> None:
    compared(bct)
    ran(bct, of="bct-old")
    assert not proof_of(bct).holds
    bct.aliases = ["bct-old"]
    assert proof_of(bct).holds


def test_a_name_from_before_a_rename_names_it_too(bct: Experiment) -> None:
    """Until another experiment is called so."""
    former, bct.name = bct.name, "sampyo-mixer"
    bct.save()
    compared(bct)
    ran(bct, of=former)
    assert proof_of(bct).holds
    make_experiment(former)
    assert "says that it is of sampyo-gimhae-bct" in str(proof_of(bct).why)


def test_a_comparison_that_was_cut_short_takes_no_proof_back(bct: Experiment) -> None:
    compared(bct)
    ran(bct)
    Parity.objects.update(tier="same_seed")
    aborted = compared(bct, "nothing", "not_run")
    assert proof_of(bct).holds
    Parity.objects.filter(pk=aborted.pk).update(tier="spread", outcome="outside")
    assert not proof_of(bct).holds


def test_a_comparison_of_the_training_speaks_before_others(bct: Experiment) -> None:
    compared(bct)
    ran(bct)
    other = compared(bct, "outside")
    Parity.objects.filter(pk=other.pk).update(type="eval")
    assert proof_of(bct).holds


def test_a_trainer_of_another_experiment_is_none_of_this(bct: Experiment) -> None:
    compared(bct)
    ran(bct, of="sampyo-fall")
    assert "says that it is of sampyo-fall" in str(proof_of(bct).why)

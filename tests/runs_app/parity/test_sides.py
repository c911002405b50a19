"""Which scripts are compared if they are not named, and what their files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.models import Experiment
from registry_app.sync.run import sync
from runs_app.exceptions import RefusedError
from runs_app.parity.plan import plan
from runs_app.parity.sides import Sides, hashes_of, is_trainer, sides_of, starts_script
from tests.factories import change_entry_points, make_script
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.trainers.test_core import TRAINER as CORE_TRAINER
from tests.runs_app.trainers.test_core import bct, put, remote

pytestmark = pytest.mark.django_db
__all__ = ["remote"]  # a fixture

TRAINER = "import gf_base\nclass Ppe(gf_base.BaseTrainer):\n    experiment = 'x'\n"
SCRIPT_TRAINER = "from gf_base import ScriptTrainer\nclass Ppe(ScriptTrainer): pass\n"


def add(experiment: Experiment, name: str, text: str) -> None:
    (Path(experiment.path) / name).write_text(text)
    make_script(experiment, path=name)


def test_the_only_trainer_is_compared_with_the_default(home: Home) -> None:
    experiment = home.experiment()
    add(experiment, "train_gf.py", TRAINER)
    assert sides_of(experiment, "train") == Sides(old="train.py", new="train_gf.py")


def test_a_trainer_that_has_become_the_default_is_the_new_side(home: Home) -> None:
    experiment = home.experiment()
    add(experiment, "train_gf.py", TRAINER)
    change_entry_points(experiment, default_script="train_gf.py")
    assert sides_of(experiment, "train") == Sides(old="train.py", new="train_gf.py")


def test_the_trainer_says_which_of_several_scripts_it_replaces(home: Home) -> None:
    experiment = home.experiment()
    add(experiment, "train_v2.py", "print('x')\n")
    add(experiment, "train_gf.py", SCRIPT_TRAINER.replace("pass", "script = 'train_v2.py'"))
    change_entry_points(experiment, default_script="train_gf.py")
    assert sides_of(experiment, "train") == Sides(old="train_v2.py", new="train_gf.py")


def test_a_trainer_of_the_core_repository_is_a_side(home: Home, remote: Remote) -> None:
    experiment = bct(home)
    script = f"core:trainers/{experiment.name}/trainer.py"
    sides = sides_of(experiment, "train", old="train.py")
    assert sides == Sides(old="train.py", new=script)
    before = hashes_of(experiment, sides)
    assert all(len(digest) == 64 for digest in before.values())
    planned = plan(experiment, type="train", old="train.py", new=script)
    assert planned.new.argv[-1].endswith("trainer.py")
    put(remote, CORE_TRAINER.replace("epochs: int = 2", "epochs: int = 3"))
    sync()
    assert {name for name in before if hashes_of(experiment, sides)[name] != before[name]} == {
        "trainer"
    }


def test_named_sides_are_taken(home: Home) -> None:
    experiment = home.experiment()
    assert sides_of(experiment, "train", old="a.py", new="b.py") == Sides(old="a.py", new="b.py")


def test_a_side_that_is_missing_or_not_unique_is_refused(home: Home) -> None:
    experiment = home.experiment()
    with pytest.raises(RefusedError, match="There is no script for the new side"):
        sides_of(experiment, "train")
    add(experiment, "train_a.py", TRAINER)
    add(experiment, "train_b.py", SCRIPT_TRAINER)
    with pytest.raises(RefusedError, match=r"Several scripts could be the new side: train_a\.py"):
        sides_of(experiment, "train")
    with pytest.raises(RefusedError, match="the same script"):
        sides_of(experiment, "train", old="train.py", new="train.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRAINER, (True, False)),
        (SCRIPT_TRAINER, (True, True)),
        ("class BaseTrainer: pass\nclass ScriptTrainer(BaseTrainer): pass\n", (False, False)),
        ("# BaseTrainer\nprint('x')\n", (False, False)),
        ("class X(BaseTrainer\n", (False, False)),
        ("class X(module().BaseTrainer()): pass\n", (False, False)),
    ],
)
def test_trainers_are_read_not_imported(home: Home, text: str, expected: tuple[bool, bool]) -> None:
    experiment = home.experiment()
    (Path(experiment.path) / "t.py").write_text(text)
    assert (is_trainer(experiment, "t.py"), starts_script(experiment, "t.py")) == expected
    assert not is_trainer(experiment, "gone.py")


def test_hashes_follow_the_files(home: Home) -> None:
    experiment = home.experiment()
    sides = Sides(old="train.py", new="gone/train_gf.py")
    before = hashes_of(experiment, sides)
    assert len(before["script"]) == 64
    assert (before["trainer"], before["gf_base"]) == ("", "")
    (Path(experiment.path) / "train.py").write_text("# other\n")
    assert hashes_of(experiment, sides)["script"] != before["script"]
    (Path(experiment.path) / "train.py").unlink()
    assert hashes_of(experiment, sides)["script"] == ""

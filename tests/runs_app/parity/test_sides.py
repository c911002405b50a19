"""Which scripts are compared if they are not named, and what their files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.parity.sides import Sides, hashes_of, is_trainer, sides_of, starts_script
from tests.factories import change_entry_points, make_script
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

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
    folder = Path(experiment.path)
    (folder / "t.py").write_text(text)
    assert (is_trainer(folder, "t.py"), starts_script(experiment, "t.py")) == expected
    assert not is_trainer(folder, "gone.py")


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

"""A version is a label; a script that carries it is named before another one starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.lifecycle.prepare import RunRequest, prepare
from runs_app.preflight.versions import carries
from tests.factories import change_entry_points, make_script
from tests.runs_app.conftest import Home


@pytest.mark.parametrize(
    ("script", "version", "expected"),
    [
        ("train_yolov11_v3.py", "v3", True),
        ("train_yolov11_v3.py", "V3", True),
        ("train_v3.1.py", "v3.1", True),
        ("train_yolov11_v3.py", "v11", False),
        ("train_v30.py", "v3", False),
        ("train.py", "", False),
        ("v3/train.py", "v3", False),
    ],
)
def test_a_version_is_a_word_of_the_name(script: str, version: str, expected: bool) -> None:
    assert carries(script, version) is expected


@pytest.mark.django_db
def test_a_script_with_the_version_that_is_not_started_is_said_before(home: Home) -> None:
    bct = home.experiment()
    change_entry_points(bct, patterns=["train*.py"])
    (Path(bct.path) / "train_v3.py").write_text("print(1)")
    make_script(bct, "train_v3.py")
    asked = RunRequest(experiment=bct, type="train", version="v3")
    (warning,) = prepare(asked).warnings
    assert "train_v3.py carries the version v3, but train.py is started." in str(warning)
    chosen = RunRequest(experiment=bct, type="train", version="v3", script="train_v3.py")
    assert prepare(chosen).warnings == ()
    assert prepare(RunRequest(experiment=bct, type="train", version="v4")).warnings == ()

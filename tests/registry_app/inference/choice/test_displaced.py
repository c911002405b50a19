"""Scripts that a launcher copies into another directory."""

from __future__ import annotations

import pytest

from registry_app.inference.choice.displaced import displaced_scripts
from registry_app.inference.purpose.entry_points import find_entry_scripts
from tests.registry_app.inference.projects import make_project

CHANGED = "from models.yolo import Model\nfrom utils.general import colorstr\nModel().fit(1)\n"
COPIES = "cd yolov5\ncp ../kit/train.py .\npython train.py\n"


@pytest.mark.parametrize(
    ("launcher", "others", "displaced"),
    [
        (COPIES, {}, {"kit/train.py"}),
        (COPIES, {"models/yolo.py": "class Model: ...\n"}, set()),  # it starts where it is
        ("python kit/train.py\n", {}, set()),  # what is missing is not in the repository
    ],
)
def test_a_script_for_another_directory(
    launcher: str, others: dict[str, str], displaced: set[str]
) -> None:
    project = make_project({"kit/train.py": CHANGED, "train_model.sh": launcher} | others)
    assert displaced_scripts(find_entry_scripts(project), project) == displaced

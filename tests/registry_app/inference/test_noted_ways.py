"""In which way notes and launchers start a script, by a table of their commands."""

from __future__ import annotations

import pytest

from registry_app.inference.draft import draft_experiment
from registry_app.inference.noted_ways import noted_ways
from tests.registry_app.inference.projects import make_project

FILES = {"kit/train.py": "from ultralytics import YOLO\nYOLO('n.pt').train(data='a.yaml')\n"}


@pytest.mark.parametrize(
    ("note", "way"),
    [
        ("    python -m kit.train --lr 1", "module"),
        ("    python -m kit.train\n\n    python kit/train.py", None),  # both ways do
        ("    torchrun --nproc_per_node=2 kit/train.py", "torchrun"),
        ("    python -m torch.distributed.run --standalone kit/train.py", "torchrun"),
        ("    accelerate launch --multi_gpu kit/train.py", "accelerate"),
        ("    python kit/train.py", None),
        ("    python -m elsewhere.train", None),
    ],
)
def test_a_way_is_taken_where_all_notes_agree(note: str, way: str | None) -> None:
    project = make_project(FILES)
    assert noted_ways(project, [("README.md", note)]).get("kit/train.py") == way


def test_the_way_is_drafted_with_its_place() -> None:
    project = make_project({**FILES, "README.md": "    python -m kit.train\n"})
    document = draft_experiment(project, path="x").document
    assert document.entry_points["train"].start == "module"
    assert document.evidence["entry_points.train.start"].source == "README.md"

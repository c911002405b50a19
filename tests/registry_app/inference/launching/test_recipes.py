"""Which commands files hold that are no scripts, by a table of such files."""

from __future__ import annotations

import pytest

from registry_app.inference.draft import draft_experiment
from registry_app.inference.launching.recipes import recipes
from tests.registry_app.inference.projects import make_project

ROS = '[project.scripts]\nlook = "watch.node:main"\n'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "Makefile",
            "PY := python3\ntrain: data\n\t@$(PY) fit.py --lr 1\n",
            [("train", "python3 fit.py --lr 1")],
        ),
        (
            "Makefile",
            "all:\n\techo a\n\nfit:\n\tpython fit.py \\\n\t--lr 1\n",
            [("all", "echo a"), ("fit", "python fit.py  \t--lr 1")],
        ),
        (
            "justfile",
            "lr := '1'\nfit:\n    python fit.py --lr {{ lr }}\n",
            [("fit", "python fit.py --lr 1")],
        ),
        (
            "dvc.yaml",
            "stages:\n  fit:\n    cmd: python fit.py\n  look:\n    cmd: [a, b]\n",
            [("fit", "python fit.py"), ("look", "a\nb")],
        ),
        ("dvc.yaml", "stages: [1\n", []),
        (
            "Dockerfile",
            'FROM x\nENTRYPOINT ["python"]\nCMD ["fit.py", "--lr", "1"]\n',
            [("", "python fit.py --lr 1")],
        ),
        ("docker/Dockerfile.gpu", "CMD python fit.py\n", [("", "python fit.py")]),
        (
            "watch.launch",
            '<launch><node pkg="w" type="fit.py" args="--lr 1"/></launch>',
            [("fit.py", "python fit.py --lr 1")],
        ),
        (
            "w.launch.xml",
            '<launch><node pkg="watch" exec="look"/></launch>',
            [("look", "python watch/node.py")],
        ),
        ("w.launch", '<!DOCTYPE x [<!ENTITY a "b">]><launch/>', []),
        (
            "launch/w.launch.py",
            "Node(package='watch', executable='look')",
            [("look", "python watch/node.py")],
        ),
        ("NOTES.md", "fit:\n\tpython fit.py\n", []),
    ],
)
def test_commands_are_found_by_their_names(
    path: str, text: str, expected: list[tuple[str, str]]
) -> None:
    files = {path: text, "fit.py": "", "pyproject.toml": ROS, "watch/node.py": "def main(): ..."}
    found = [(recipe.name, "\n".join(recipe.commands)) for recipe in recipes(make_project(files))]
    assert found == expected


FIT = """
import argparse
from ultralytics import YOLO
options = argparse.ArgumentParser()
options.add_argument("--data", required=True)
options.add_argument("--epochs", type=int, default=3)
given = options.parse_args()
YOLO("n.pt").train(data=given.data, epochs=given.epochs)
"""


def test_a_target_names_the_default_and_its_arguments() -> None:
    files = {
        "train_a.py": FIT,
        "train_b.py": FIT,
        "Makefile": "train:\n\tpython train_b.py --data site.yaml\n",
    }
    document = draft_experiment(make_project(files), path="x").document
    train = document.entry_points["train"]
    assert (train.default, train.args_template) == ("train_b.py", "--data site.yaml")
    assert document.evidence["entry_points.train.args_template"].source == "Makefile:2"


def test_two_targets_with_different_arguments_name_none() -> None:
    both = "fit-a:\n\tpython train.py --data a.yaml\nfit-b:\n\tpython train.py --data b.yaml\n"
    document = draft_experiment(
        make_project({"train.py": FIT, "Makefile": both}), path="x"
    ).document
    assert document.entry_points["train"].args_template == "--data {data} --epochs {epochs}"

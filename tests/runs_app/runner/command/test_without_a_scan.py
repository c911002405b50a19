"""A drafted template says in a registry file what a scan knows: both give the same command."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.inference.draft import draft_experiment
from registry_app.inference.purpose.entry_points import EntryScript
from runs_app.runner.command.build import build_command
from tests.registry_app.inference.projects import make_project

WORK = "import argparse, torch, ultralytics\nparser = argparse.ArgumentParser()\n"
TRAINS = "args = parser.parse_args()\nloss.backward()\noptimizer.step()\n"
LOOKS = TRAINS + "ultralytics.YOLO('a.pt').predict(source=0)\n"
MLPROJECT = (
    "entry_points:\n  main:\n    parameters: {epochs: {default: 7}, lr: {default: -0.5}, "
    "data: path, folder: {default: /nas/my data}}\n    command: 'python train.py "
)
OPTIONS = "parser.add_argument('--epochs', type=int)\nparser.add_argument('--lr', type=float)\n"
PLACES = "parser.add_argument('folder')\nparser.add_argument('--tags', nargs='*')\n"
NO_PARSER = "import sys, torch\nloss.backward()\noptimizer.step()\nprint(sys.argv)\n"


@pytest.mark.parametrize(
    ("script", "command", "given", "argv"),
    [
        (WORK + OPTIONS + TRAINS, "--epochs {epochs} --lr {lr}", {}, "--epochs 7 --lr -0.5"),
        (WORK + OPTIONS + TRAINS, "--epochs={epochs}", {"epochs": "9"}, "--epochs=9"),
        (WORK + OPTIONS + TRAINS, "--epochs {epochs}", {"epochs": None}, ""),
        (NO_PARSER, "--epochs {epochs} --data {data}", {"data": "/d"}, "--epochs 7 --data /d"),
        (WORK + PLACES + OPTIONS + TRAINS, "{folder} --epochs {epochs}", {},
         "--epochs 7 /nas/my data"),
        (WORK + PLACES + TRAINS, "data --tags a b", {}, "--tags a b -- data"),
        (WORK + OPTIONS + TRAINS, "--lr 1 --epochs {epochs}", {"lr": "2"}, "--lr 2 --epochs 7"),
    ],
)  # fmt: skip
def test_what_an_mlproject_fixes(
    script: str, command: str, given: dict[str, Any], argv: str
) -> None:
    files = {"train.py": script, "MLproject": f"{MLPROJECT}{command}'\n"}
    assert both_ways(files, "train", given) == argv


@pytest.mark.parametrize(
    ("argument", "train", "infer"),
    [
        ("'--mode', choices=['train', 'predict'], default='train'",
         "--mode train", "--mode predict"),
        ("'--predict', action='store_true'", "", "--predict"),
        ("'action', choices=['train', 'infer']", "train", "infer"),
    ],
)  # fmt: skip
def test_what_chooses_the_type(argument: str, train: str, infer: str) -> None:
    files = {"main.py": f"{WORK}parser.add_argument({argument})\n{OPTIONS}{LOOKS}"}
    assert both_ways(files, "train", {}) == train
    assert both_ways(files, "infer", {}) == infer


def both_ways(files: dict[str, str], kind: str, given: dict[str, Any]) -> str:
    """The arguments where a scan has read the script, and where only the file is known."""
    draft = draft_experiment(make_project(files), path="x")
    entry = draft.document.entry_points[kind]
    template = entry.args_template or ""
    script = next(item for item in draft.scripts if item.path == entry.default)
    scanned = _argv(script, template, given)
    alone = build_command(
        launcher=(), template=template, parameters=[], parameters_known=False, values=given
    )
    assert alone.argv == scanned
    return " ".join(scanned)


def _argv(script: EntryScript, template: str, given: dict[str, Any]) -> tuple[str, ...]:
    return build_command(
        launcher=(),
        template=template,
        parameters=script.parameters.parameters,
        parameters_known=script.parameters.known,
        commands=script.command_line.commands,
        values=given,
    ).argv

"""What an MLproject file says of the scripts of its directory."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from registry_app.inference.draft import draft_experiment
from registry_app.inference.purpose.entry_points import EntryScript, find_entry_scripts
from tests.registry_app.inference.projects import make_project

TRAIN = "import sys, torch\nloss.backward()\noptimizer.step()\nprint(sys.argv)\n"
PARSED = """
import argparse, torch
parser = argparse.ArgumentParser()
parser.add_argument("source", nargs="?")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--learning-rate", dest="lr", type=float, default=0.1)
parser.add_argument("--verbose", action="store_true")
parser.add_argument("--tags", nargs="*")
args = parser.parse_args()
loss.backward()
optimizer.step()
"""


def mlproject(command: str, parameters: str = "", name: str = "main") -> str:
    return f"name: ppe\nentry_points:\n  {name}:\n    {parameters}\n    command: {command!r}\n"


def script_of(files: dict[str, str], path: str = "train.py") -> EntryScript:
    return next(item for item in find_entry_scripts(make_project(files)) if item.path == path)


def fixed(script: EntryScript) -> dict[str, Any]:
    return {
        parameter.name: parameter.default
        for parameter in script.parameters.parameters
        if parameter.fixed
    }


def required(script: EntryScript) -> list[str]:
    return [parameter.name for parameter in script.parameters.parameters if parameter.required]


DECLARED = "parameters: {epochs: {type: int, default: 7}, data: path}"
VALUES = (
    "parameters: {epochs: {type: int, default: 7}, data: path, rate: float, api_key: {default: "
    "sk-1}, folder: {default: /nas/my data}, dashed: {default: --fast}, empty: {default: ''}, "
    "braces: {default: '{a} {epochs}'}}"
)


def test_command_and_parameters_of_a_script_without_a_parser() -> None:
    command = "python train.py --epochs {epochs} --data {data}"
    script = script_of({"train.py": TRAIN, "MLproject": mlproject(command, DECLARED)})
    assert script.args_template == "--epochs 7 --data {data}"
    assert (fixed(script), required(script)) == ({}, ["data"])
    data = script.parameters.parameters[1]
    assert (data.flag, data.type, data.source) == ("--data", "Path", "MLproject:4")


@pytest.mark.parametrize(
    ("command", "template"),
    [
        ("python train.py --epochs={epochs}", "--epochs=7"),
        ("python3 -u ./train.py --epochs {epochs}", "--epochs 7"),
        ("cd . && python train.py --epochs {epochs}", "--epochs 7"),
        ("python -m train --epochs {epochs}", "--epochs 7"),
        ("torchrun --nproc_per_node 2 train.py --epochs {epochs}", "--epochs 7"),
        ("python train.py --epochs {epochs} | tee log.txt", "--epochs 7"),
        # The script's own name of an option goes before the file's.
        ("python train.py --learning-rate {rate}", "--learning-rate {lr}"),
        # A switch takes no value, so that what follows stands alone; positional values go last.
        ("python train.py --verbose {data}", "--verbose {source}"),
        ("python train.py cat.jpg --epochs {epochs}", "--epochs 7 cat.jpg"),
        ("python train.py {folder} --epochs 9", "--epochs 9 /nas/'my data'"),
        ("python train.py {folder} --tags a b", "--tags a b -- /nas/'my data'"),
        # What an option holds is repeated by other words; anything else is written out.
        ("python train.py --name 'run {epochs}' --epochs {epochs}",
         "--name 'run {epochs}' --epochs 7"),
        ("python train.py --name 'run {epochs} {data}'", "--name 'run 7 {data}'"),
        ("python train.py {folder} --name {folder}", "--name /nas/'my data' /nas/'my data'"),
        # A value that looks like an option or a placeholder stays a value.
        ("python train.py --name {dashed}", "--name=--fast"),
        ("python train.py --name {braces}", "--name '{{a}} {{epochs}}'"),
        ("python train.py --name {empty}", "--name ''"),
        # A secret is not written into a registry file.
        ("python train.py --api-key {api_key}", "--api-key {api_key}"),
    ],
)  # fmt: skip
def test_a_command_becomes_the_template(command: str, template: str) -> None:
    script = script_of({"train.py": PARSED, "MLproject": mlproject(command, VALUES)})
    assert shlex.split(script.args_template) == shlex.split(template)
    secret = {"api_key": "sk-1"} if "api" in command else {}
    assert fixed(script) == secret
    names = [parameter.name for parameter in script.parameters.parameters]
    assert {"source", "epochs", "lr", "verbose"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "text",
    [
        mlproject("python train.py --out $HOME/runs"),
        mlproject("python train.py --epochs {epochs} > log.txt", DECLARED),
        mlproject("python other.py --epochs {epochs}", DECLARED),
        mlproject("python train.py --name 'open"),
        mlproject("python train.py --name {}"),
        mlproject("python train.py --x 1", name="validate"),
        "entry_points: [a, b]\n",
        "entry_points: {main: {command: [python]}}\n",
        "entry_points:\n  main: {command: 'a\n",
        "- list\n",
        "",
    ],
)
def test_what_no_template_can_hold_leaves_the_script_as_it_is(text: str) -> None:
    alone = script_of({"train.py": PARSED})
    assert script_of({"train.py": PARSED, "MLproject": text}) == alone


def test_each_type_has_the_command_that_is_named_for_it() -> None:
    text = (
        mlproject("python train.py --mode fit", name="train")
        + "  predict:\n    command: 'python train.py --mode look --source {source}'\n"
    )
    body = PARSED + "if args.mode == 'predict': ultralytics.YOLO('a.pt').predict(source=0)\n"
    script = script_of({"train.py": "import ultralytics\n" + body, "MLproject": text})
    assert script.types.value == ("train", "infer")
    assert script.args_template == "--mode fit"
    assert script.type_starts["infer"].args_template == "--mode look --source {source}"


def test_the_draft_tells_the_line_of_the_command() -> None:
    files = {
        "train.py": TRAIN,
        "train_v2.py": TRAIN,
        "MLproject": mlproject("python train.py --epochs {epochs}", DECLARED),
    }
    document = draft_experiment(make_project(files), path="x").document
    assert document.entry_points["train"].args_template is None
    del files["train_v2.py"]
    document = draft_experiment(make_project(files), path="x").document
    assert document.entry_points["train"].args_template == "--epochs 7"
    assert document.evidence["entry_points.train.args_template"].source == "MLproject:5"

"""How a type of a script with several types is selected."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.inference.purpose.entry_points import find_entry_scripts, template_for
from tests.registry_app.inference.projects import make_project

BODY = """
def run(a):
    loss.backward(); optimizer.step()
    model = ultralytics.YOLO("a.pt"); model.predict(source=0); model.export(format="onnx")
args = parser.parse_args()
run(args)
"""
PARSER = "import argparse, torch, ultralytics\nparser = argparse.ArgumentParser()\n"


def starts(arguments: str, body: str = BODY) -> dict[str, Any]:
    """What is stored of a script whose parser takes these arguments."""
    (script,) = find_entry_scripts(make_project({"main.py": f"{PARSER}{arguments}\n{body}"}))
    found = {kind: start.to_json() for kind, start in script.type_starts.items()}
    return {kind: found.get(kind) for kind in script.types.value}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            "parser.add_argument('--mode', choices=['train', 'predict'], default='train')",
            {"train": {"fixed": {"mode": "train"}}, "infer": {"fixed": {"mode": "predict"}}},
        ),
        (
            "parser.add_argument('action', choices=['train', 'infer', 'export'])",
            {
                "train": {"fixed": {"action": "train"}},
                "infer": {"fixed": {"action": "infer"}},
                "quant": {"fixed": {"action": "export"}},
            },
        ),
        (
            "parser.add_argument('--do', choices=['training', 'inference'])",
            {"train": {"fixed": {"do": "training"}}, "infer": {"fixed": {"do": "inference"}}},
        ),
        (
            "parser.add_argument('--predict', action='store_true')",
            {"train": {}, "infer": {"fixed": {"predict": True}}},
        ),
        # What the work is done with is no type.
        ("parser.add_argument('--predict-with-beams', action='store_true')", {"train": {}}),
        ("parser.add_argument('--use-predict-size', action='store_true')", {"train": {}}),
        # Which part of the data is meant is no type.
        (
            "parser.add_argument('--split', choices=['train', 'val'], default='val')",
            {"train": {}},
        ),
        ("parser.add_argument('--epochs', type=int, default=3)", {"train": {}}),
    ],
)
def test_a_type_is_chosen_by_a_choice_or_a_switch(arguments: str, expected: dict[str, Any]) -> None:
    assert starts(arguments) == expected


def test_a_mode_without_choices_is_read_from_what_it_is_compared_with() -> None:
    body = BODY + "if args.mode == 'predict': run(1)\nelif args.mode in ('train',): run(2)\n"
    assert starts("parser.add_argument('--mode', default='train')", body) == {
        "train": {"fixed": {"mode": "train"}},
        "infer": {"fixed": {"mode": "predict"}},
    }


def test_what_only_the_code_speaks_of_has_no_start_that_is_known() -> None:
    launcher = "python main.py\npython export_onnx.py\n"
    export = "import torch\ntorch.onnx.export(model, x, 'a.onnx')\n"
    train = "import torch\nloss.backward()\noptimizer.step()\n"
    files = {"all.sh": launcher, "main.py": train, "export_onnx.py": export}
    scripts = {item.path: item for item in find_entry_scripts(make_project(files))}
    assert set(scripts["all.sh"].types.value) == {"train", "quant"}
    assert list(scripts["all.sh"].type_starts) == [scripts["all.sh"].types.value[0]]


def test_a_script_of_one_type_gets_its_mode_where_it_starts_with_another() -> None:
    body = "loss.backward(); optimizer.step()\nargs = parser.parse_args()\n"
    mode = "parser.add_argument('--mode', choices=['train', 'test'], default='{}')"
    assert starts(mode.format("test"), body) == {"train": {"fixed": {"mode": "train"}}}
    assert starts(mode.format("train"), body) == {"train": {}}


@pytest.mark.parametrize(
    ("arguments", "infer"),
    [
        (
            "parser.add_argument('--mode', choices=['train', 'predict'], default='train')",
            {"fixed": {"mode": "predict"}},
        ),
        (
            (
                "commands = parser.add_subparsers(dest='command')\n"
                "commands.add_parser('train')\n"
                "commands.add_parser('predict').add_argument('--source', default='0')"
            ),
            {"args_template": "predict --source {source}"},
        ),
        ("parser.add_argument('--split', choices=['train', 'predict'])", None),
        ("parser.add_argument('--epochs', type=int)", None),
    ],
)
def test_what_a_mode_names_has_a_start_though_the_code_does_not_speak_of_it(
    arguments: str, infer: dict[str, Any] | None
) -> None:
    body = "loss.backward(); optimizer.step()\nargs = parser.parse_args()\nothers.look(args)\n"
    (script,) = find_entry_scripts(make_project({"main.py": f"{PARSER}{arguments}\n{body}"}))
    assert script.types.value == ("train",)
    found = {kind: start.to_json() for kind, start in script.type_starts.items()}
    found.get("infer", {}).pop("parameters", None)
    assert found.get("infer") == infer


SWITCHES = """
import argparse, torch
def learn(model):
    loss.backward(); optimizer.step()
parser = argparse.ArgumentParser()
{arguments}
args = parser.parse_args()
{body}
"""


@pytest.mark.parametrize(
    ("switch", "body", "train"),
    [
        # Nothing is done without the switch.
        ("--train", "if args.train: learn(net)\nif args.infer: others.look(net)", {"train": True}),
        ("--do-train", "if args.do_train and not args.infer:\n    learn(net)", {"do_train": True}),
        ("--fit", "if not args.fit: parser.error('say what to do')\nlearn(net)", {"fit": True}),
        ("--train", "if not (args.train or args.infer):\n    exit(1)\nlearn(net)", {"train": True}),
        ("--train", "if args.infer: look(net)\nelif args.train: learn(net)", {"train": True}),
        ("--train", "if vars(args)['train']: learn(net)", {"train": True}),
        ("--train", "if args.train:\n    loss = run_training(net)\nlearn(net)", {"train": True}),
        (
            "--train",
            "if args.train:\n    train(net)\nelse:\n    predict(train(net))",
            {"train": True},
        ),
        # Another module looks at switches that name several types.
        ("--train", "Session(args).start()\nlearn(net)", {"train": True}),
        # The script trains without it.
        ("--train", "if args.train: part = 'train'\nlearn(net)", {}),
        ("--train", "if args.train:\n    data = Loader('train')\nlearn(net)", {}),
        ("--train", "if args.train: print('on the training part')\nlearn(net)", {}),
        ("--retrain", "if exists('a.pt') and not args.retrain:\n    exit()\nlearn(net)", {}),
        # How it works, not what.
        ("--fast-train", "if args.fast_train:\n    fast_train(net)\nelse:\n    train(net)", {}),
        ("--train-int8", "if args.train_int8: quantize(net)\nlearn(net)", {}),
        ("--train-onnx", "if args.train_onnx: export(net)\nlearn(net)", {}),
        ("--use-train-size", "Session(args).start()\nlearn(net)", {}),
        ("--train-with-masks", "if args.train_with_masks: mask(net)\nlearn(net)", {}),
        ("--train-images", "if args.train_images: add(net)\nlearn(net)", {}),
        ("--no-train", "if args.no_train: look(net)\nlearn(net)", {}),
        ("--epochs-shown", "if args.epochs_shown: look(net)\nlearn(net)", {}),
    ],
)
def test_a_script_of_one_type_gets_the_switch_without_which_it_does_nothing(
    switch: str, body: str, train: dict[str, Any]
) -> None:
    arguments = "\n".join(
        f"parser.add_argument('{name}', action='store_true')" for name in (switch, "--infer")
    )
    text = SWITCHES.format(arguments=arguments, body=body)
    (script,) = find_entry_scripts(make_project({"hull.py": text}))
    assert script.types.value == ("train",)
    assert script.type_starts["train"].fixed == train
    assert ("--" in template_for(script, "train")) == bool(train)


WORK = """
def train(epochs: int = 3):
    loss.backward(); optimizer.step()
def predict(source: str = "0"):
    ultralytics.YOLO("a.pt").predict(source=0)
"""


@pytest.mark.parametrize(
    ("text", "infer"),
    [
        (
            "import click\n" + WORK + "@click.command()\n"
            "@click.option('--task', type=click.Choice(['train', 'infer']), default='train')\n"
            "def main(task):\n    train() if task == 'train' else predict()\nmain()\n",
            {"fixed": {"task": "infer"}},
        ),
        (
            "import typer\napp = typer.Typer()\n"
            + WORK.replace("def ", "@app.command()\ndef ")
            + "app()\n",
            {"args_template": "predict --source {source}"},
        ),
        (
            "import sys\n" + WORK + "mode = sys.argv[1]\nif mode == 'train':\n    train()\n"
            "elif mode == 'predict':\n    predict()\n",
            {"fixed": {"mode": "predict"}},
        ),
        (
            "import argparse\n" + WORK + "p = argparse.ArgumentParser()\n"
            "p.add_argument('--do_train', action='store_true')\n"
            "p.add_argument('--do_predict', action='store_true')\na = p.parse_args()\n"
            "if a.do_train: train()\nif a.do_predict: predict()\n",
            {"fixed": {"do_predict": True}},
        ),
    ],
)
def test_other_libraries_tell_their_types_too(text: str, infer: dict[str, Any]) -> None:
    source = "import torch, ultralytics\n" + text
    (script,) = find_entry_scripts(make_project({"main.py": source}))
    assert script.types.value == ("train", "infer")
    start = script.type_starts["infer"].to_json()
    start.pop("parameters", None)
    assert start == infer

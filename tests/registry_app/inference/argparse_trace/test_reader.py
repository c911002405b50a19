"""Command lines are read from the text of scripts."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.inference.parameters.command_line import CommandLine, draft_template, for_command
from registry_app.inference.readers.all import read_command_line
from tests.registry_app.inference.projects import make_project


def read(text: str, **others: str) -> CommandLine:
    project = make_project({"train.py": text, **{f"{name}.py": x for name, x in others.items()}})
    source = project.source("train.py")
    assert source is not None
    return read_command_line(source, project)


def read_one(arguments: str) -> Parameter:
    text = f"""
    import argparse, pathlib
    ROOT = pathlib.Path(__file__).parent
    BATCH = 16
    parser = argparse.ArgumentParser()
    parser.add_argument({arguments})
    opt = parser.parse_args()
    """
    parameters = read(text).parameters
    assert len(parameters) == 1
    return parameters[0]


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ("'--epochs', type=int, default=3", {"flag": "--epochs", "type": "int", "default": 3}),
        ("'-b', '--batch-size', default=BATCH", {"name": "batch_size", "default": 16}),
        ("'--batch', dest='batch_size'", {"name": "batch_size", "flag": "--batch"}),
        ("'-e', type=int", {"name": "e", "flag": "-e"}),
        ("'source'", {"name": "source", "positional": True, "required": True}),
        ("'source', nargs='?'", {"positional": True, "required": False, "nargs": "?"}),
        ("'--data', required=True", {"required": True}),
        ("'--opt', choices=['adam', 'sgd']", {"choices": ("adam", "sgd")}),
        ("'--weights', default=ROOT / 'best.pt'", {"default": None}),
        ("'--weights', default=ROOT / 'best.pt'", {"default_expr": "ROOT / 'best.pt'"}),
        ("'--amp', action='store_true'", {"action": "store_true", "default": False}),
        ("'--no-aug', action='store_false'", {"action": "store_false", "default": True}),
        ("'--amp', action=argparse.BooleanOptionalAction", {"action": "boolean_optional"}),
        ("'--img', nargs='+', type=int, default=[640, 640]", {"default": [640, 640]}),
        ("'--lr', type=float, default=-1e-3", {"default": -0.001}),
        ("'--out', type=pathlib.Path", {"type": "Path"}),
        ("'--roi', type=parse_roi", {"type": "custom"}),
        ("'--name', default=None", {"default": None, "default_expr": ""}),
        ("'--note', help='한글 설명'", {"help": "한글 설명"}),
    ],
)
def test_one_argument(arguments: str, values: dict[str, Any]) -> None:
    parameter = read_one(arguments)
    assert {key: getattr(parameter, key) for key in values} == values


def test_arguments_count_wherever_they_stand() -> None:
    line = read("""
    import argparse
    def main():
        parser = argparse.ArgumentParser()
        group = parser.add_argument_group("data")
        group.add_argument("--data")
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--cpu", action="store_true")
        parser.add_argument("--version", action="version", version="1")
        return parser.parse_args()
    """)
    assert [item.name for item in line.parameters] == ["data", "cpu"]
    assert line.known


def test_a_parser_of_another_file_is_followed() -> None:
    line = read(
        "from options import get_args\nargs = get_args()\n",
        options="""
        import argparse
        def get_args():
            p = argparse.ArgumentParser()
            p.add_argument("--epochs", type=int, default=5)
            return p.parse_args()
        def other():
            p = argparse.ArgumentParser()
            p.add_argument("--foreign")
        """,
    )
    assert [(item.name, item.source) for item in line.parameters] == [("epochs", "options.py:5")]


def test_arguments_made_in_a_loop_leave_the_command_line_unknown() -> None:
    line = read("""
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", default=3)
    for name in load_names():
        p.add_argument("--" + name)
    p.parse_args()
    """)
    assert [item.name for item in line.parameters] == ["epochs"]
    assert not line.known


def test_an_option_that_no_template_can_name_leaves_the_command_line_unknown() -> None:
    line = read("""
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument("--<b>x", default=3)
    p.add_argument("--학습률", default=3)
    p.parse_args()
    """)
    assert [item.name for item in line.parameters] == ["학습률"]
    assert not line.known


def test_a_script_without_a_command_line_has_none() -> None:
    assert read("import sys\nprint(sys.path[1])\n") == CommandLine()
    assert not read("x = 1\n").known


def test_a_parser_without_arguments_is_known_to_be_empty() -> None:
    line = read("import argparse\nargparse.ArgumentParser().parse_args()\n")
    assert line.known
    assert line.parameters == ()


SUBCOMMANDS = dedent("""
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument("--device", default="cpu")
    commands = p.add_subparsers(required=True)
    one = commands.add_parser("train")
    one.add_argument("--epochs", type=int, default=5)
    one = commands.add_parser("bench")
    one.add_argument("--repeats", type=int, default=9)
    p.parse_args()
""")


def test_each_sub_command_has_its_own_arguments() -> None:
    line = read(SUBCOMMANDS)
    assert line.commands == ("train", "bench")
    assert [item.name for item in line.under("train")] == ["epochs"]
    asked = for_command(line, "bench")
    assert [item.name for item in asked.parameters] == ["device", "repeats"]
    assert draft_template(line, "train") == "--device {device} train --epochs {epochs}"


def test_template_holds_what_has_a_value_or_needs_one() -> None:
    line = read("""
    import argparse, os
    p = argparse.ArgumentParser()
    p.add_argument("video")
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("--data", required=True)
    p.add_argument("--weights", default=os.environ["W"])
    p.add_argument("--amp", action="store_true")
    p.add_argument("--classes", nargs="+", default=["a"])
    p.add_argument("--note")
    p.add_argument("--empty", default="")
    p.parse_args()
    """)
    assert draft_template(line) == "--epochs {epochs} --data {data}"

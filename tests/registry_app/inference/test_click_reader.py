"""Command lines that click gives are read from its decorators."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from registry_app.inference.click_reader import read_click
from registry_app.inference.command_line import CommandLine, draft_template
from registry_app.parameters import Parameter
from tests.registry_app.inference.projects import make_source


def read_one(decorator: str) -> Parameter:
    text = f"import click\nBATCH = 16\n@click.command()\n@click.{decorator}\ndef main(**o): ...\n"
    line = read_click(make_source(text))
    assert line.known
    return line.parameters[0]


@pytest.mark.parametrize(
    ("decorator", "said"),
    [
        ("option('--iters', default=60)", {"name": "iters", "default": 60, "type": "int"}),
        ("option('--c', 'strength', default=1.0)", {"name": "strength", "flag": "--c"}),
        ("option('-b', '--batch-size', default=BATCH)", {"name": "batch_size", "default": 16}),
        ("option('--opt', type=click.Choice(['a', 'b']))", {"choices": ("a", "b"), "type": "str"}),
        ("option('--data', required=True)", {"required": True}),
        ("option('--amp', is_flag=True)", {"action": "store_true", "default": False}),
        ("option('--amp/--no-amp', default=True)", {"action": "boolean_optional", "default": True}),
        ("option('--tag', multiple=True)", {"action": "append"}),
        ("option('--out', default=ROOT / 'x')", {"default": None, "default_expr": "ROOT / 'x'"}),
        ("option('--n', type=int, help='한글')", {"type": "int", "help": "한글"}),
        ("argument('video')", {"positional": True, "required": True, "flag": ""}),
        ("argument('files', nargs=-1, default='x')", {"nargs": "*", "required": False}),
    ],
)
def test_one_decorator(decorator: str, said: dict[str, Any]) -> None:
    parameter = read_one(decorator)
    assert {key: getattr(parameter, key) for key in said} == said


@pytest.mark.parametrize(
    "decorator", ["option('--yes/--nay')", "option('-v', count=True)", "option(name())"]
)
def test_what_cannot_be_passed_leaves_the_command_line_unknown(decorator: str) -> None:
    text = f"import click\n@click.command()\n@click.{decorator}\ndef main(**o): ...\n"
    assert not read_click(make_source(text)).known


def test_several_commands_are_sub_commands() -> None:
    body = "@click.option('--epochs', default=3)\ndef train(epochs): ...\n"
    other = "@cli.command('dry-run')\n@click.option('--n', default=1)\ndef dry(n): ...\n"
    text = f"import click\n@click.group()\ndef cli(): ...\n@cli.command()\n{body}{other}"
    line = read_click(make_source(text))
    assert line.commands == ("train", "dry-run")
    assert draft_template(line, "train") == "train --epochs {epochs}"


def test_decorators_of_others_are_no_command_line() -> None:
    text = "@app.route('/')\ndef index():\n" + indent("return 1\n", "    ")
    assert read_click(make_source(text)) == CommandLine()

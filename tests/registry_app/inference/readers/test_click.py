"""Command lines that click gives are read from its decorators."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.inference.parameters.command_line import CommandLine, draft_template
from registry_app.inference.readers.click import read_click
from tests.registry_app.inference.projects import make_project


def read_text(text: str, **others: str) -> CommandLine:
    project = make_project({"train.py": text, **{f"{name}.py": x for name, x in others.items()}})
    source = project.source("train.py")
    assert source is not None
    return read_click(source, project)


def read_one(decorator: str) -> Parameter:
    text = f"import click\nBATCH = 16\n@click.command()\n@click.{decorator}\ndef main(**o): ...\n"
    line = read_text(text)
    assert line.known
    return line.parameters[0]


@pytest.mark.parametrize(
    ("decorator", "values"),
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
        ("option('-v', count=True)", {"action": "count", "flag": "-v"}),
        ("option('--yes/--nay')", {"action": "store_true", "flag": "--yes", "name": "yes"}),
        ("option('--yes/--nay', default=True)", {"action": "store_false", "flag": "--nay"}),
        ("option('--hard', 'mode', flag_value='hard')", {"action": "store_const", "name": "mode"}),
        ("option('--n', type=click.IntRange(0, 9))", {"type": "int"}),
        ("option('--name', prompt=True)", {"required": True}),
        ("argument('video')", {"positional": True, "required": True, "flag": ""}),
        ("argument('files', nargs=-1, default='x')", {"nargs": "*", "required": False}),
    ],
)
def test_one_decorator(decorator: str, values: dict[str, Any]) -> None:
    parameter = read_one(decorator)
    assert {key: getattr(parameter, key) for key in values} == values


def test_what_cannot_be_read_leaves_the_command_line_unknown() -> None:
    text = "import click\n@click.command()\n@click.option(name())\ndef main(**o): ...\n"
    assert not read_text(text).known


def test_options_that_commands_share_are_followed() -> None:
    shared = "import click\ndef common(f):\n    return click.option('--device')(f)\n"
    text = (
        "import click\nfrom options import common\n@click.command()\n@common\n"
        "@click.option('--n')\ndef main(**o): ...\n"
    )
    line = read_text(text, options=shared)
    assert [item.name for item in line.parameters] == ["device", "n"]


def test_groups_within_groups_are_words_before_the_command() -> None:
    text = (
        "import click\n@click.group()\n@click.option('--verbose', is_flag=True)\n"
        "def cli(**o): ...\n@cli.group('data')\ndef data_group(): ...\n"
        "@data_group.command()\n@click.option('--out', required=True)\ndef make_split(**o): ...\n"
    )
    line = read_text(text)
    assert "data make-split" in line.commands
    assert [item.name for item in line.under("")] == ["verbose"]
    assert draft_template(line, "data make-split") == "data make-split --out {out}"


def test_several_commands_are_sub_commands() -> None:
    body = "@click.option('--epochs', default=3)\ndef train(epochs): ...\n"
    other = "@cli.command('dry-run')\n@click.option('--n', default=1)\ndef dry(n): ...\n"
    text = f"import click\n@click.group()\ndef cli(): ...\n@cli.command()\n{body}{other}"
    line = read_text(text)
    assert line.commands == ("train", "dry-run")
    assert draft_template(line, "train") == "train --epochs {epochs}"


def test_decorators_of_others_are_no_command_line() -> None:
    text = "import click\n@app.route('/')\ndef index():\n" + indent("return 1\n", "    ")
    assert read_text(text) == CommandLine()

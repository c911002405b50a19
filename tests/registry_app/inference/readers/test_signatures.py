"""Command lines that libraries make from functions and classes."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.inference.parameters.command_line import CommandLine, draft_template
from registry_app.inference.readers.all import read_command_line
from tests.registry_app.inference.projects import make_project

FACTS = ("flag", "positional", "type", "action", "nargs", "default", "required", "choices")


def read(text: str, **others: str) -> CommandLine:
    project = make_project({"train.py": text, **{f"{name}.py": x for name, x in others.items()}})
    source = project.source("train.py")
    assert source is not None
    return read_command_line(source, project)


def shown(item: Parameter) -> dict[str, Any]:
    """What is unusual about a parameter."""
    blank = Parameter(name="")
    return {
        fact: getattr(item, fact) for fact in FACTS if getattr(item, fact) != getattr(blank, fact)
    }


DATACLASS = """
    from dataclasses import dataclass, field
    from enum import Enum
    from typing import List, Literal, Optional, Tuple
    from {library}
    class Kind(Enum):
        A = "a"
        B = "b"
    @dataclass
    class Base:
        data: str
    @dataclass
    class Inner:
        decay: float = 0.5
    @dataclass
    class Args(Base):
        epochs: int = 3
        \"\"\"한글 설명\"\"\"
        amp: bool = True
        sizes: Tuple[int, ...] = (1, 2)
        tags: List[str] = field(default_factory=list)
        mode: Literal["x", "y"] = "x"
        kind: Kind = Kind.A
        note: Optional[str] = field(default=None, metadata=dict(help="free"))
        out: str = make_name()
        inner: Inner = field(default_factory=Inner)
        seen: int = field(default=0, init=False)
    {call}
    """


def test_fields_of_a_dataclass_become_options() -> None:
    call = "HfArgumentParser((Args,)).parse_args_into_dataclasses()"
    line = read(DATACLASS.format(library="transformers import HfArgumentParser", call=call))
    assert line.known
    found = {parameter.name: shown(parameter) for parameter in line.parameters}
    assert found == {
        "data": {"flag": "--data", "type": "str", "required": True},
        "epochs": {"flag": "--epochs", "type": "int", "default": 3},
        "amp": {"flag": "--amp", "type": "bool", "nargs": "?", "default": True},
        "sizes": {"flag": "--sizes", "type": "int", "nargs": "*", "default": [1, 2]},
        "tags": {"flag": "--tags", "type": "str", "nargs": "*", "default": []},
        "mode": {"flag": "--mode", "type": "str", "default": "x", "choices": ("x", "y")},
        "kind": {"flag": "--kind", "type": "str", "choices": ("a", "b")},
        "note": {"flag": "--note", "type": "str"},
        "out": {"flag": "--out", "type": "str"},
        "decay": {"flag": "--decay", "type": "float", "default": 0.5},
    }
    by_name = {parameter.name: parameter for parameter in line.parameters}
    assert (by_name["epochs"].help, by_name["note"].help) == ("한글 설명", "free")
    assert by_name["out"].default_expr == "make_name()"


def test_a_base_of_a_library_leaves_the_command_line_open() -> None:
    line = read("""
    from dataclasses import dataclass
    from transformers import HfArgumentParser, TrainingArguments
    @dataclass
    class Mine(TrainingArguments):
        fold: int = 1
    HfArgumentParser(Mine).parse_args_into_dataclasses()
    """)
    assert [parameter.name for parameter in line.parameters] == ["fold"]
    assert not line.known


def test_tyro_writes_dashes_and_dots_and_two_sided_switches() -> None:
    line = read(DATACLASS.format(library="tyro import cli", call="cli(Args)"))
    flags = {parameter.name: (parameter.flag, parameter.action) for parameter in line.parameters}
    assert flags["amp"] == ("--amp", "boolean_optional")
    assert flags["inner.decay"] == ("--inner.decay", "")
    assert line.known


FUNCTION = """
    import {library}
    def train(data, *, epochs: int = 3, amp: bool = True, sizes: list = [1, 2], note: str = "a,b"):
        '''Args:
            epochs: 횟수
        '''
    if __name__ == "__main__":
        {call}
    """


def test_fire_takes_words_with_an_equals_sign() -> None:
    line = read(FUNCTION.format(library="fire", call="fire.Fire(train)"))
    found = {parameter.name: shown(parameter) for parameter in line.parameters}
    assert found == {
        "data": {"flag": "--data=", "required": True},
        "epochs": {"flag": "--epochs=", "type": "int", "default": 3},
        "amp": {"flag": "--amp=", "type": "bool", "default": True},
        "sizes": {"flag": "--sizes=", "type": "custom", "default": "[1, 2]"},
        "note": {"flag": "--note=", "type": "str", "default": "a,b"},
    }
    assert line.parameters[1].help == "횟수"
    # fire would read the text "a,b" back as a tuple
    assert draft_template(line) == "--data={data}"


@pytest.mark.parametrize(
    "call",
    ["fire.Fire({'train': train, 'export': export})", "fire.Fire()", "fire.Fire(Tool)"],
)
def test_fire_makes_commands(call: str) -> None:
    line = read(f"""
    import fire
    def train(epochs=3): ...
    def export(fmt="onnx"): ...
    class Tool:
        def train(self, epochs=3): ...
        def export(self, fmt="onnx"): ...
        def _inner(self): ...
    {call}
    """)
    assert line.commands == ("train", "export")
    assert [item.name for item in line.under("export")] == ["fmt"]


def test_jsonargparse_takes_what_has_no_default_by_its_place() -> None:
    line = read(
        FUNCTION.format(library="jsonargparse", call="jsonargparse.CLI(train)").replace(" *,", "")
    )
    found = {parameter.name: shown(parameter) for parameter in line.parameters}
    assert found["data"] == {"positional": True, "required": True}
    assert found["amp"] == {"flag": "--amp", "type": "bool", "default": True}


def test_arguments_of_any_name_leave_the_command_line_open() -> None:
    line = read("import fire\ndef main(a=1, **more): ...\nfire.Fire(main)\n")
    assert [parameter.name for parameter in line.parameters] == ["a"]
    assert not line.known


TYPER = """
    import typer
    from typing import List, Annotated
    app = typer.Typer()
    @app.command()
    def train(
        ctx: typer.Context,
        video: str,
        epochs: int = 3,
        lr: float = typer.Option(0.1, "--rate", "-r", help="속도"),
        name: Annotated[str, typer.Option(help="n")] = "x",
        amp: bool = True,
        force: bool = typer.Option(False, "--force"),
        tags: List[str] = typer.Option([]),
        out: str = typer.Argument("out"),
        key: str = typer.Option(...),
    ): ...
    {more}
    """


def test_typer_reads_signatures() -> None:
    line = read(TYPER.format(more="app()"))
    found = {parameter.name: shown(parameter) for parameter in line.parameters}
    assert found == {
        "video": {"positional": True, "type": "str", "required": True},
        "epochs": {"flag": "--epochs", "type": "int", "default": 3},
        "lr": {"flag": "--rate", "type": "float", "default": 0.1},
        "name": {"flag": "--name", "type": "str", "default": "x"},
        "amp": {"flag": "--amp", "action": "boolean_optional", "default": True},
        "force": {"flag": "--force", "action": "store_true", "default": False},
        "tags": {"flag": "--tags", "type": "str", "action": "append", "default": []},
        "out": {"positional": True, "type": "str", "default": "out"},
        "key": {"flag": "--key", "type": "str", "required": True},
    }
    assert line.known


def test_several_commands_of_typer_are_sub_commands() -> None:
    more = "@app.command('to-onnx')\n    def export(half: bool = False): ...\n    app()"
    line = read(TYPER.format(more=more))
    assert line.commands == ("train", "to-onnx")
    assert [item.name for item in line.under("to-onnx")] == ["half"]
    assert draft_template(line, "to-onnx") == "to-onnx"

"""Which classes are trainers of the standard interface, by their text alone."""

from __future__ import annotations

import ast

import pytest

from registry_app.inference.code.project import Project
from registry_app.inference.code.trainer_classes import trainer_classes
from registry_app.inference.facts import find_facts
from registry_app.inference.readers.all import read_command_line

PPE = """\
import dataclasses
from gf_base import BaseTrainer
class PpeTrainer(BaseTrainer):
    experiment = "donghwa-entec-ppe"
    @dataclasses.dataclass
    class Config:
        data: str
        epochs: int = 3
        amp: bool = True
        size: int = dataclasses.field(default=None, metadata={"flag": "--img-size"})
        source: str = dataclasses.field(default="a", metadata={"positional": True})
    def train(self): ...
if __name__ == "__main__":
    raise SystemExit(PpeTrainer.main())
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PPE, [("PpeTrainer", "donghwa-entec-ppe", "native")]),
        ("class T(gf_base.BaseTrainer):\n    experiment: str = 'a'", [("T", "a", "native")]),
        ("class T(ScriptTrainer):\n    experiment = 'a'", [("T", "a", "script")]),
        (
            "class T(BaseTrainer):\n    experiment = 'a'\n    kind = 'lifted'",
            [("T", "a", "lifted")],
        ),
        ("class T(BaseTrainer):\n    experiment = 'a'\n    kind = 'odd'", [("T", "a", "native")]),
        # Other libraries have a BaseTrainer too.
        ("class T(BaseTrainer):\n    task = 'detect'", []),
        ("class T(BaseTrainer):\n    experiment = NAME", []),
        ("class T(BaseTrainer):\n    experiment = ''", []),
        ("class T(Trainer):\n    experiment = 'a'", []),
        ("def BaseTrainer(): ...", []),
    ],
)
def test_a_trainer_names_its_experiment(text: str, found: list[tuple[str, str, str]]) -> None:
    rows = trainer_classes("t.py", ast.parse(text))
    assert [(row.name, row.experiment, row.kind) for row in rows] == found


def project(**files: str) -> Project:
    data = {path.replace("_py", ".py"): text.encode() for path, text in files.items()}
    return Project(name="ppe", paths=list(data), read=data.get)


def test_the_facts_of_a_directory_have_its_trainers() -> None:
    facts = find_facts(project(train_py=PPE, other_py="class T(BaseTrainer): ..."), [])
    assert [(row.path, row.line) for row in facts.trainers] == [("train.py", 3)]


def test_the_config_of_a_trainer_is_its_command_line() -> None:
    found = project(train_py=PPE)
    source = found.source("train.py")
    assert source is not None
    line = read_command_line(source, found)
    assert line.known
    assert [(p.name, p.flag, p.type, p.required) for p in line.parameters] == [
        ("data", "--data", "str", True),
        ("epochs", "--epochs", "int", False),
        ("amp", "--amp", "", False),
        ("size", "--img-size", "int", False),
        ("source", "", "str", False),
    ]
    assert line.parameters[2].action == "boolean_optional"
    assert line.parameters[4].positional

"""The files of an experiment: rules about each script, and texts, without parsing twice."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.code import project as project_module
from registry_app.inference.code.source import Source
from tests.registry_app.inference.projects import make_project

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1\n", "!ls"]}]}).encode()


def test_rules_see_each_script_once_however_few_trees_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A directory larger than the cache is parsed once for all rules together."""
    monkeypatch.setattr(project_module, "KEPT_CHARACTERS", 10)
    project = make_project({"a.py": "import numpy\n", "b.py": "import torch\n", "run.sh": "ls\n"})
    seen: list[str] = []

    def lines_of(source: Source) -> int:
        seen.append(source.path)
        return source.text.count("\n")

    project.note(lines_of)
    assert [source.path for source in project.scripts()] == ["a.py", "b.py", "run.sh"]
    assert list(project.found_in_scripts(lines_of)) == [("a.py", 1), ("b.py", 1), ("run.sh", 1)]
    assert seen == ["a.py", "b.py", "run.sh"]
    assert project.found(lines_of, "gone.py") is None


def test_a_rule_sees_only_what_is_asked_for_while_all_trees_are_kept() -> None:
    project = make_project({"a.py": "import numpy\n", "b.py": "import torch\n"})
    seen: list[str] = []
    project.note(lambda source: seen.append(source.path))
    assert [source.path for source in project.scripts()] == ["a.py", "b.py"]
    assert seen == []


def test_texts_are_those_of_the_sources_whether_they_are_kept_or_not() -> None:
    files = {"a.py": b"x = 1\r\n", "b.py": "이름 = 1\n".encode("cp949"), "c.ipynb": NOTEBOOK}
    unread, read = make_project(files), make_project(files)
    sources = [(source.path, source.text) for source in read.scripts()]
    assert list(unread.texts()) == list(read.texts()) == sources


@pytest.mark.parametrize(
    ("importer", "dotted", "level", "path"),
    [
        ("train.py", "kit.data", 0, "kit/data.py"),
        ("kit/data.py", "kit.nets", 0, "kit/nets/__init__.py"),
        ("kit/nets/head.py", "data", 0, "kit/data.py"),  # in any folder above
        ("kit/nets/head.py", "data", 2, "kit/data.py"),
        ("kit/nets/head.py", "", 1, "kit/nets/__init__.py"),  # from . import tail
        ("robot/scripts/node.py", "eye.look", 0, "robot/src/eye/look.py"),  # as installed
        ("notes.py", "notes", 0, "notes/__init__.py"),  # a package before a module
        ("train.py", "eye.look", 0, None),
        ("train.py", "torch.nn", 0, None),
        ("train.py", "plan", 0, None),  # a file of this name, but no module
        ("train.py", "data", 0, None),  # below, not above
    ],
)
def test_modules_are_found_as_python_finds_them(
    importer: str, dotted: str, level: int, path: str | None
) -> None:
    files = ("train.py", "kit/data.py", "kit/nets/__init__.py", "kit/nets/head.py", "plan.txt")
    robot = ("robot/scripts/node.py", "robot/src/eye/look.py")
    twins = ("notes.py", "notes/__init__.py")
    project = make_project(dict.fromkeys((*files, *robot, *twins), ""))
    assert project.module(importer, dotted, level=level) == path

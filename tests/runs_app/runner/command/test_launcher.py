"""Which program starts a script, as a person would start it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs_app.runner.command.launcher import is_notebook, launcher_for
from runs_app.runner.exceptions import CommandError
from runs_app.runner.interpreter import notebook_child

PYTHON = Path("/opt/portal/bin/python")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("train.py", ["train.py"]),
        ("tools/train v2.py", ["tools/train v2.py"]),
        ("-c.py", ["./-c.py"]),
        ("yolo/__main__.py", ["-m", "yolo"]),
        ("src/yolo/__main__.py", ["-m", "src.yolo"]),
        ("__main__.py", ["__main__.py"]),
        ("v1.2/__main__.py", ["v1.2/__main__.py"]),  # no module has such a name
        ("my-net/__main__.py", ["my-net/__main__.py"]),
        ("explore.ipynb", [notebook_child.__file__, "explore.ipynb"]),
    ],
)
def test_scripts_and_packages_are_started_as_people_start_them(
    tmp_path: Path, script: str, words: list[str]
) -> None:
    assert launcher_for(script, PYTHON, tmp_path) == (str(PYTHON), *words)


@pytest.mark.parametrize(
    ("source", "script", "words"),
    [
        ("from .net import Net", "src/yolo/train.py", ["-m", "src.yolo.train"]),
        ("from . import net", "yolo/학습.py", ["-m", "yolo.학습"]),
        ("from .. import net", "src/yolo/train.py", ["-m", "src.yolo.train"]),
        ("from net import Net", "yolo/train.py", ["yolo/train.py"]),
        ("def f():\n    from . import net", "yolo/train.py", ["yolo/train.py"]),
        ("from . import net", "train.py", ["train.py"]),
        ("from . import net", "my-net/train.py", ["my-net/train.py"]),
        ("from . import (", "yolo/train.py", ["yolo/train.py"]),
        ("\0", "yolo/train.py", ["yolo/train.py"]),
    ],
)
def test_a_module_that_imports_relatively_is_started_as_part_of_its_package(
    tmp_path: Path, source: str, script: str, words: list[str]
) -> None:
    file = tmp_path / script
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    assert launcher_for(script, PYTHON, tmp_path) == (str(PYTHON), *words)


def test_a_shell_launcher_is_started_by_bash(tmp_path: Path) -> None:
    program, script = launcher_for("run_train.sh", PYTHON, tmp_path)
    assert (Path(program).name, script) == ("bash", "run_train.sh")


@pytest.mark.parametrize("script", ["run.bat", "train", "notes.md"])
def test_what_nothing_starts_is_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(CommandError, match="cannot be started"):
        launcher_for(script, PYTHON, tmp_path)


def test_notebooks_are_known_by_their_ending() -> None:
    assert is_notebook("a/B.IPYNB")
    assert not is_notebook("a.py")

"""Scripts that a directory has by a link are its source: what they become is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.records import source
from runs_app.runner.outputs.snapshot import take
from tests.factories import make_directory


@pytest.fixture
def ppe(tmp_path: Path, settings: Settings) -> Path:
    """A directory that shares its script, and a module of it, with others."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "experiments"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    make_directory(
        tmp_path / "experiments", "common", {"train.py": "print(1)", "tools.py": "n = 1"}
    )
    directory = make_directory(tmp_path / "experiments", "ppe", {"own.py": "m = 1"})
    for name in ("train.py", "tools.py"):
        (directory / name).symlink_to(f"../common/{name}")
    (directory / "etc.py").symlink_to("/etc/passwd")
    return directory


def repoint(link: Path, target: str) -> None:
    link.unlink()
    link.symlink_to(target)


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (lambda ppe: None, []),
        (lambda ppe: (ppe / "train.py").resolve().write_text("print(2)"), ["train.py"]),
        (lambda ppe: (ppe / "tools.py").resolve().write_text("n = 2"), ["tools.py"]),
        (lambda ppe: (ppe / "tools.py").resolve().write_text("n = 1"), []),
        (lambda ppe: (ppe / "train.py").resolve().unlink(), ["train.py"]),
        (lambda ppe: repoint(ppe / "train.py", "../common/tools.py"), ["train.py"]),
        (lambda ppe: repoint(ppe / "train.py", "/etc/passwd"), ["train.py"]),
    ],
)
def test_a_shared_script_that_changes_is_a_changed_source(
    ppe: Path, tmp_path: Path, change: Callable[[Path], object], reported: list[str]
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    source.write(ppe, take(ppe), folder, script="train.py")
    assert set(source.read(folder)["files"]) == {"own.py", "tools.py", "train.py"}
    change(ppe)
    assert source.changed(ppe, (), folder) == reported

"""What differs between runs in source and packages; what was not recorded is never the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from runs_app.models import Run
from runs_app.records import source
from runs_app.records.differences import Differing, differences, hashes_of, packages_of
from runs_app.runner.outputs.snapshot import take
from tests.factories import make_directory


@pytest.fixture(autouse=True)
def run_folders(tmp_path: Path, settings: Settings) -> None:
    settings.RUNS_DIR = tmp_path / "runs"
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "experiments"]


def recorded(tmp_path: Path, files: dict[str, str] | None = None, packages: str = "") -> Run:
    """A run whose folder has the records of these source files and packages."""
    run = Run()
    run.folder.mkdir(parents=True)
    if files is not None:
        name = f"of-{run.uuid}"
        directory = make_directory(tmp_path / "experiments", name, files)
        source.write(directory, take(directory), run.folder)
    if packages:
        (run.folder / "requirements.txt").write_text(packages)
    return run


def test_files_that_differ_are_named_and_the_others_counted(tmp_path: Path) -> None:
    first = recorded(tmp_path, {"train.py": "lr = 1", "model.py": "x"})
    second = recorded(tmp_path, {"train.py": "lr = 2", "model.py": "x", "new.py": ""})
    found = differences([first, second]).source
    assert [item.name for item in found.different] == ["new.py", "train.py"]
    assert found.different[0].values[0] is None
    assert found.different[1].values[0] != found.different[1].values[1]
    assert found.same == 1
    assert found.is_complete


def test_packages_are_compared_by_version_however_their_names_are_spelled(tmp_path: Path) -> None:
    first = recorded(
        tmp_path,
        packages="# CPython 3.11.4, /a/python\nTorch==2.4.0\nruamel_yaml==0.18\n-e ./own\n",
    )
    second = recorded(
        tmp_path, packages="# CPython 3.12.1, /b/python\ntorch==2.5.1\nruamel.yaml==0.18\n"
    )
    found = differences([first, second]).packages
    assert found.different == (
        Differing(name="python", values=("CPython 3.11.4", "CPython 3.12.1")),
        Differing(name="torch", values=("2.4.0", "2.5.1")),
    )
    assert found.same == 1


def test_a_package_of_a_directory_or_repository_has_it_in_its_version(tmp_path: Path) -> None:
    run = recorded(
        tmp_path, packages="ours @ git+ssh://host/ours@1a2b\n-e file:///srv/own  # Own_Tools==0.1\n"
    )
    assert packages_of(run) == {
        "ours": "git+ssh://host/ours@1a2b",
        "own-tools": "0.1 (file:///srv/own)",
    }


def test_a_run_without_records_is_unknown_and_no_reason_to_say_same(tmp_path: Path) -> None:
    known = recorded(tmp_path, {"train.py": "lr = 1"}, "torch==2.4.0\n")
    removed = Run()
    assert hashes_of(removed) is None
    assert packages_of(removed) is None
    found = differences([known, removed])
    for compared in (found.source, found.packages):
        assert compared.is_known == (True, False)
        assert not compared.can_tell
        assert compared.same == 0
        assert not compared.different


def test_known_runs_are_compared_beside_one_that_is_not(tmp_path: Path) -> None:
    runs = [
        recorded(tmp_path, {"train.py": "lr = 1"}),
        Run(),
        recorded(tmp_path, {"train.py": "lr = 2"}),
    ]
    found = differences(runs).source
    assert found.can_tell
    assert not found.is_complete
    assert [item.values[1] for item in found.different] == [None]


def test_packages_that_could_not_be_listed_are_unknown(tmp_path: Path) -> None:
    assert packages_of(recorded(tmp_path, packages="# the interpreter gave no answer\n")) is None


@pytest.mark.parametrize("content", ["", "[]", '{"files": []}', "{", "\0"])
def test_a_spoilt_record_of_the_source_is_unknown(tmp_path: Path, content: str) -> None:
    run = recorded(tmp_path)
    (run.folder / source.NAME).write_text(content)
    assert hashes_of(run) is None

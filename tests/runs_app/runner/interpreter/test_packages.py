"""What is installed for an interpreter, asked once as long as nothing changes."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.packages import installed

FENCE: dict[str, object] = {}


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    made = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    return made


def install(environment: Path, name: str, version: str, direct_url: object = None) -> None:
    site = next(environment.glob("lib/python3*/site-packages"))
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct_url:
        (info / "direct_url.json").write_text(json.dumps(direct_url))


def test_the_portals_own_packages_are_all_there(tmp_path: Path) -> None:
    found = installed(Path(sys.executable), tmp_path, fence=FENCE)
    assert f"Django=={metadata.version('django')}" in [
        line.replace("django", "Django") for line in found.packages
    ]
    assert found.python == ".".join(map(str, sys.version_info[:3]))
    assert found.implementation == "CPython"


def test_where_a_package_comes_from_is_reported_without_its_password(
    environment: Path, tmp_path: Path
) -> None:
    install(environment, "yolo", "1.0", {"url": "file:///src/yolo", "dir_info": {"editable": True}})
    install(
        environment,
        "own",
        "2.0",
        {
            "url": "https://jiwoo:secret@git.example/own",
            "vcs_info": {"vcs": "git", "commit_id": "a1b2"},
        },
    )
    found = installed(environment / "bin/python", tmp_path / "cache", fence=FENCE)
    assert found.packages == (
        "-e file:///src/yolo  # yolo==1.0",
        "own @ git+https://git.example/own@a1b2",
    )


def test_an_old_package_whose_metadata_are_one_file_is_named(
    environment: Path, tmp_path: Path
) -> None:
    """As distutils wrote them, and packages of Debian still have them."""
    site = next(environment.glob("lib/python3*/site-packages"))
    text = "Metadata-Version: 1.1\nName: numpy\nVersion: 1.21.5\n"
    (site / "numpy-1.21.5.egg-info").write_text(text)
    found = installed(environment / "bin/python", tmp_path / "cache", fence=FENCE)
    assert found.packages == ("numpy==1.21.5",)


def test_an_answer_is_kept_until_something_is_installed(environment: Path, tmp_path: Path) -> None:
    python, cache = environment / "bin/python", tmp_path / "cache"
    first = installed(python, cache, fence=FENCE)
    [entry] = cache.iterdir()
    asked_at = entry.stat().st_mtime_ns
    assert installed(python, cache, fence=FENCE) == first
    assert entry.stat().st_mtime_ns == asked_at
    install(environment, "ultralytics", "8.3.0")
    second = installed(python, cache, fence=FENCE)
    assert second.packages == ("ultralytics==8.3.0",)
    assert second.identity != first.identity


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_broken_cache_only_costs_time(environment: Path, tmp_path: Path, text: str) -> None:
    cache = tmp_path / "cache"
    first = installed(environment / "bin/python", cache, fence=FENCE)
    [entry] = cache.iterdir()
    entry.write_text(text)
    assert installed(environment / "bin/python", cache, fence=FENCE) == first


def test_a_cache_that_cannot_be_written_only_costs_time(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert installed(environment / "bin/python", tmp_path / "cache", fence=FENCE).packages == ()


def test_what_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="did not respond"):
        installed(Path("/bin/true"), tmp_path, fence=FENCE)

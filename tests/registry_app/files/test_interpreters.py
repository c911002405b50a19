"""Which interpreters an entry point may name, by one table; every way of setting one uses the "
"same rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.files.interpreters import InterpreterRefusedError, InterpreterRule

HOME = Path("/home/minsu")
DIRECTORY = HOME / "experiments" / "sampyo-gimhae-bct"
LISTED = ("/opt/pythons/", "/usr/bin/python3.11")


def rule(*, anywhere: bool = False, any_name: bool = False) -> InterpreterRule:
    """The rule of a machine on which two environments of the directory are folders."""
    folders = {str(DIRECTORY / "envs-own"), str(DIRECTORY / "bin"), "/opt/pythons/yolo"}
    return InterpreterRule(
        directory=DIRECTORY,
        listed=LISTED,
        home=HOME,
        anywhere=anywhere,
        any_name=any_name,
        is_folder=folders.__contains__,
    )


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("", ""),
        ("  ", ""),
        ("portal", "portal"),
        ("conda:yolo", "conda:yolo"),
        ("conda: yolo-8.3_gpu", "conda:yolo-8.3_gpu"),
        (".venv/bin/python", ".venv/bin/python"),
        (" .venv//bin/./python3 ", ".venv/bin/python3"),
        ("venv/bin/python3.12", "venv/bin/python3.12"),
        ("tools/pypy3.10", "tools/pypy3.10"),
        ("tools/python3.13t", "tools/python3.13t"),
        (".venv", ".venv"),
        ("envs-own", "envs-own"),
        # An absolute path into the directory is what people copy from a terminal.
        (f"{DIRECTORY}/.venv/bin/python", ".venv/bin/python"),
        ("~/experiments/sampyo-gimhae-bct/.venv/bin/python", ".venv/bin/python"),
        # The Python of a known conda home is named by its environment, as it moves with it.
        (f"{HOME}/miniconda3/envs/yolo/bin/python", "conda:yolo"),
        ("~/anaconda3/envs/yolo/bin/python3.9", "conda:yolo"),
        ("~/miniforge3/envs/yolo", "conda:yolo"),
        ("/opt/conda/bin/python", "conda:base"),
        ("/opt/conda", "conda:base"),
        # What an administrator listed: a file, and what lies below a folder.
        ("/usr/bin/python3.11", "/usr/bin/python3.11"),
        ("/usr//bin/./python3.11", "/usr/bin/python3.11"),
        ("/opt/pythons/3.12/bin/python3", "/opt/pythons/3.12/bin/python3"),
        ("/opt/pythons/yolo", "/opt/pythons/yolo"),
    ],
)
def test_what_a_pm_may_name_is_stored_in_one_form(written: str, stored: str) -> None:
    assert rule().checked(written) == stored
    assert rule().checked(stored) == stored


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("/usr/bin/find", "outside the directory"),
        ("/tmp/x/evil_python", "outside the directory"),
        ("/tmp/x/python", "outside the directory"),
        ("//tmp/x/python", "outside the directory"),
        ("~/python", "outside the directory"),
        ("~", "outside the directory"),
        (f"{DIRECTORY}-other/.venv/bin/python", "outside the directory"),
        (str(DIRECTORY), "outside the directory"),
        # Beside a listed file, and a listed folder's name as the beginning of another's.
        ("/usr/bin/python3.1", "outside the directory"),
        ("/opt/pythons-of-jiwoo/bin/python", "outside the directory"),
        ("/home/minsu/miniconda3/envs/yolo/bin/find", "outside the directory"),
        ("/opt/pythons/3.12/bin/sh", "not named like a Python"),
        ("../other/.venv/bin/python", "climbs"),
        (".venv/../../x/python", "climbs"),
        ("/opt/pythons/../../tmp/python", "climbs"),
        (f"{DIRECTORY}/../x/python", "climbs"),
        ("~jiwoo/bin/python", "another user"),
        ("conda:", "names no conda environment"),
        ("conda:..", "names no conda environment"),
        ("conda:../../tmp", "names no conda environment"),
        ("conda:a b", "names no conda environment"),
        ("bin/find", "not named like a Python"),
        ("sh", "not named like a Python"),
        # `env` names the environment of a directory only where one lies.
        ("bin/env", "not named like a Python"),
        ("python.sh", "not named like a Python"),
        ("mypython", "not named like a Python"),
        ("bin", "a folder without a Python"),
        (".", "not named like a Python"),
        ("py\0thon", "cannot be printed"),
        (".venv/bin/\u202epython", "cannot be printed"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(written: str, why: str) -> None:
    with pytest.raises(InterpreterRefusedError, match=why):
        rule().checked(written)


@pytest.mark.parametrize("written", ["/tmp/x/python", "~/yolo/bin/python3", "/usr/bin/python3"])
def test_a_user_who_may_run_scripts_may_name_a_python_anywhere(written: str) -> None:
    assert rule(anywhere=True).checked(written) == written


@pytest.mark.parametrize("written", ["/usr/bin/find", "/bin/sh", "/usr/bin/env", "bin/find"])
def test_even_then_it_must_be_named_like_one_unless_that_is_forced(written: str) -> None:
    with pytest.raises(InterpreterRefusedError, match="not named like a Python"):
        rule(anywhere=True).checked(written)
    assert rule(anywhere=True, any_name=True).checked(written) == written


@pytest.mark.parametrize("written", ["../x/python", "conda:..", "~jiwoo/python"])
def test_no_force_lets_a_path_climb(written: str) -> None:
    with pytest.raises(InterpreterRefusedError):
        rule(anywhere=True, any_name=True).checked(written)


def test_the_link_of_an_environment_may_lead_out(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    written = ".venv/bin/python"
    assert InterpreterRule(directory=tmp_path).checked(written) == written

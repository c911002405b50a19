"""Which conda environment a file is about, and where this machine has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from registry_app.files.conda import (
    conda_python,
    environment_at_top,
    named_environment,
    prefix_of,
)

DEPENDENCIES = "dependencies:\n- python=3.9\n"


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (f"name: ppe-env\n{DEPENDENCIES}", "ppe-env", 1),
        (f"# training\n\nname:   'ppe env'\n{DEPENDENCIES}", "", 0),
        (f'# training\n\nname: "ppe.env"  # of the NAS\n{DEPENDENCIES}', "ppe.env", 3),
        (f"{DEPENDENCIES}name: late\n", "late", 3),
        (f"name: ppe\r\n{DEPENDENCIES}", "ppe", 1),
        (f"{DEPENDENCIES}prefix: /home/minsu/miniconda3/envs/fall\n", "fall", 3),
        (f"{DEPENDENCIES}prefix: C:\\Users\\minsu\\envs\\fall\n", "fall", 3),
        (f"name:\nprefix: /opt/envs/fall/\n{DEPENDENCIES}", "fall", 2),
        (f"name: a\nprefix: /opt/envs/b\n{DEPENDENCIES}", "a", 1),
        (f"name: ..\n{DEPENDENCIES}", "", 0),
        ("name: data\nnames: [hat]\n", "", 0),  # no file of conda
        (DEPENDENCIES, "", 0),
    ],
)
def test_the_name_stands_in_the_file(text: str, name: str, line: int) -> None:
    found = named_environment("environment.yml", text)
    assert (found.name, found.line) if found else (name, line) == ("", 0)


def test_the_usual_name_goes_first_and_nothing_below_is_read(tmp_path: Path) -> None:
    assert environment_at_top(tmp_path) is None
    (tmp_path / "conda").mkdir()
    (tmp_path / "conda/environment.yml").write_text(f"name: below\n{DEPENDENCIES}")
    (tmp_path / "env_gpu.yaml").write_text(f"name: gpu\n{DEPENDENCIES}")
    found = environment_at_top(tmp_path)
    assert found is not None
    assert found.source == "env_gpu.yaml:1"
    (tmp_path / "environment.yaml").write_text(f"name: usual\n{DEPENDENCIES}")
    (tmp_path / "conda.yml").symlink_to("/nowhere")
    found = environment_at_top(tmp_path)
    assert found is not None
    assert found.name == "usual"


def test_a_python_tells_its_environment(tmp_path: Path) -> None:
    prefix = tmp_path / "miniforge3/envs/ppe"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/python").symlink_to(sys.executable)
    assert conda_python("ppe", tmp_path) == prefix / "bin/python"
    assert conda_python("fall", tmp_path) is None
    assert prefix_of(prefix / "bin/python") is None
    (prefix / "conda-meta").mkdir()
    assert prefix_of(prefix / "bin/python") == prefix
    assert prefix_of(Path("/usr/bin/python3")) is None

"""A scan drafts the conda environment that a directory names, where this machine has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.findings.details import with_details
from registry_app.findings.environments import with_conda_environments
from registry_app.scan.run import scan
from tests.factories import make_directory

pytestmark = pytest.mark.django_db

FILES = {
    "train.py": "import torch\nloss.backward()\n",
    "environment.yml": "# made for the NAS\nname: ppe-env\ndependencies:\n- python=3.9\n",
}


def test_an_environment_that_is_there_is_drafted_with_its_line(tmp_path: Path) -> None:
    make_directory(tmp_path, "donghwa-ppe", FILES)
    found = with_conda_environments(scan([tmp_path]), lambda name: name == "ppe-env")
    (row,) = with_details(found)["experiments"].values()
    assert row["entry_points"]["train"]["interpreter"] == "conda:ppe-env"
    assert {
        "field": "entry_points.train.interpreter",
        "value": "conda:ppe-env",
        "confidence": "likely",
        "source": "environment.yml:2",
    } in row["evidence"]
    assert found.warnings == ()


def test_one_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    make_directory(tmp_path, "donghwa-ppe", FILES)
    found = with_conda_environments(scan([tmp_path]), lambda _name: False)
    assert found.experiments[0].document.entry_points["train"].interpreter is None
    (warning,) = found.warnings
    assert str(warning) == (
        "donghwa-ppe: environment.yml names the conda environment ppe-env, which this machine "
        "does not have"
    )


def test_an_environment_of_its_own_goes_first(tmp_path: Path) -> None:
    directory = make_directory(tmp_path, "donghwa-ppe", FILES)
    (directory / ".venv").mkdir()
    found = with_conda_environments(scan([tmp_path]), lambda _name: True)
    assert found.experiments[0].document.entry_points["train"].interpreter is None

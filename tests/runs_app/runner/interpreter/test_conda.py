"""A script of a conda environment gets what `conda run` gives, in its own start alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from runs_app.runner.interpreter.conda import words_before
from tests.runs_app.runner.scripts import run_to_its_end

SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment as conda lays it out, with variables and a script of a package."""
    base = tmp_path / "miniconda3"
    folder = base / "envs/ppe env"
    for part in ("bin", "conda-meta", "etc/conda/activate.d", "etc/conda/env_vars.d"):
        (folder / part).mkdir(parents=True)
    (folder / "bin/python").symlink_to(sys.executable)
    (base / "bin").mkdir()
    (base / "bin/conda").touch()
    (base / "condabin").mkdir()
    state = {"env_vars": {"PPE_DATA": "/nas/ppe", "OMP_NUM_THREADS": "4", "TZ": "***unset***"}}
    (folder / "conda-meta/state").write_text(json.dumps(state))
    (folder / "etc/conda/env_vars.d/proj.json").write_text('{"PROJ_NETWORK": "ON"}')
    (folder / "etc/conda/activate.d/1-gdal.sh").write_text(
        'set -u\nset -- other words\nexport GDAL_DATA="$CONDA_PREFIX/share/gdal"\n'
        "export OMP_NUM_THREADS=8\n"
    )
    (folder / "etc/conda/activate.d/2-broken.sh").write_text("no-such-command\nexport LAST=2\n")
    (folder / "etc/conda/activate.d/gdal.fish").write_text("exit 1\n")
    return folder


def test_the_script_sees_its_environment_as_an_active_one(tmp_path: Path, prefix: Path) -> None:
    python = prefix / "bin/python"
    folder, record = run_to_its_end(
        tmp_path,
        SHOW,
        argv=(str(python), "train.py", "--name", "a b", "--", ""),
        before=words_before(python, own={"OMP_NUM_THREADS": "2", "NOTE": "a = b"}),
    )
    assert record.exit_code == 0, (folder.path / "stderr.log").read_text()
    words, seen = json.loads((folder.path / "stdout.log").read_text())
    assert words == ["--name", "a b", "--", ""]
    expected = {
        "CONDA_PREFIX": str(prefix),
        "CONDA_DEFAULT_ENV": "ppe env",
        "CONDA_SHLVL": "1",
        "CONDA_EXE": str(prefix.parent.parent / "bin/conda"),
        "PPE_DATA": "/nas/ppe",
        "PROJ_NETWORK": "ON",
        "GDAL_DATA": f"{prefix}/share/gdal",
        "LAST": "2",
        "OMP_NUM_THREADS": "2",  # what the entry point says goes last
        "NOTE": "a = b",
        "GUARDIANFLOW_RUN_ID": folder.spec().run,
    }
    assert {name: seen.get(name) for name in expected} == expected
    assert "TZ" not in seen
    assert seen["PATH"].split(":")[:2] == [f"{prefix}/bin", f"{prefix.parent.parent}/condabin"]
    assert folder.spec().argv == (str(python), "train.py", "--name", "a b", "--", "")


def test_a_command_that_cannot_be_started_ends_as_in_a_shell(tmp_path: Path, prefix: Path) -> None:
    python = prefix / "bin/python"
    (prefix / "etc/conda/activate.d/1-gdal.sh").unlink()
    (prefix / "etc/conda/activate.d/2-broken.sh").unlink()
    before = words_before(python, own={})
    folder, record = run_to_its_end(tmp_path, "", argv=("/nowhere/python",), before=before)
    assert record.exit_code == 127
    assert "/nowhere/python: No such file" in (folder.path / "stderr.log").read_text()


def test_another_python_is_started_as_ever(tmp_path: Path) -> None:
    assert words_before(Path(sys.executable), own={"A": "1"}) == ()
    assert words_before(tmp_path / "bin/python", own={}) == ()

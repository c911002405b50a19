"""What the portal writes is for its own user alone; what people name and scripts make is not."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.doctor import setup
from portal.doctor.loose_files import loose
from tests.factories import make_directory

PROJECT = Path(__file__).parents[2]
TRAIN = """\
from pathlib import Path
print("loss 0.1")
Path("model.csv").write_text("weights")
Path("runs").mkdir()
"""


class Shell:
    """Types commands with a umask of its own, in a home that others may enter."""

    def __init__(self, folder: Path, umask: int) -> None:
        self.umask = umask
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.home.chmod(0o755)
        self.experiment = make_directory(
            folder / "experiments", "sampyo-gimhae-bct", {"train.py": TRAIN}
        )

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
                "GUARDIANFLOW_HOME": str(self.home),
                "GUARDIANFLOW_ROOTS": str(self.folder / "experiments"),
                "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
            },
            umask=self.umask,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.proof
@pytest.mark.processes
@pytest.mark.parametrize("umask", [0o002, pytest.param(0o022, marks=pytest.mark.proof)])
def test_a_day_of_work_leaves_nothing_to_other_users(tmp_path: Path, umask: int) -> None:
    shell = Shell(tmp_path, umask)
    shell.run("scan_experiments", "--import", "--output", str(tmp_path / "drafts" / "draft.yaml"))
    shell.run("export_registry")
    shell.run("export_registry", str(tmp_path / "experiments.yaml"))
    assert "loss 0.1" in shell.run("run_experiment", "sampyo-gimhae-bct", "--type", "train")

    assert list(loose(shell.home)) == []
    assert mode(shell.home / "portal.sqlite3") == 0o600
    assert mode(shell.home / "registry" / "experiments.yaml") == 0o600
    usual, usual_folder = 0o666 & ~umask, 0o777 & ~umask
    assert mode(tmp_path / "drafts") == usual_folder
    assert mode(tmp_path / "drafts" / "draft.yaml") == usual
    assert mode(tmp_path / "experiments.yaml") == usual
    assert mode(shell.experiment / "model.csv") == usual
    assert mode(shell.experiment / "runs") == usual_folder
    [spec] = shell.home.glob("runs/*/spec.json")
    assert json.loads(spec.read_text())["umask"] == umask


def test_what_others_could_read_is_found_without_looking_behind_closed_doors(
    tmp_path: Path,
) -> None:
    for folder, rights in (("open", 0o755), ("closed", 0o700)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").touch()
        (tmp_path / folder / "file").chmod(0o640)
        (tmp_path / folder).chmod(rights)
    (tmp_path / "link").symlink_to("nowhere")
    found = [str(path.relative_to(tmp_path)) for path in loose(tmp_path)]
    assert found == ["open", "open/file"]


def test_the_doctor_names_the_first_of_them_and_the_fix(tmp_path: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path
    for name in "abcde":
        (tmp_path / name).touch(0o600)
    assert not [line for line in setup.folders() if "rights" in line.text]
    for name in "abcde":
        (tmp_path / name).chmod(0o644)
    [line] = [line for line in setup.folders() if "rights" in line.text]
    assert line.text.endswith(f"{tmp_path}: a, b, c, …")
    subprocess.run(["sh", "-c", line.fix.split("`")[1]], check=True)
    assert not [line for line in setup.folders() if "rights" in line.text]

"""Minsu has checkout and data in his home directory, and no caches yet; his scripts go on working.

The portal's home lies below his own, so scripts can make nothing new there. What libraries make
for themselves was made before.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runs_app.runner.isolation.fence import OLDEST_LEVEL, supported_level
from tests.ordinary_user import OrdinaryUser, ordinary_user
from tests.runs_app.preflight.test_script_kinds import JUPYTER, notebook

pytestmark = [
    pytest.mark.first,
    pytest.mark.ordinary_user,
    pytest.mark.processes,
    pytest.mark.skipif(supported_level() < OLDEST_LEVEL, reason="this kernel has no Landlock"),
]

ULTRALYTICS = """\
import csv, json, os, pathlib
settings = pathlib.Path.home() / ".config" / "Ultralytics"
settings.mkdir(parents=True, exist_ok=True)
(settings / "settings.json").write_text(json.dumps({"runs_dir": "runs"}))
fonts = pathlib.Path.home() / ".cache" / "matplotlib"
fonts.mkdir(parents=True, exist_ok=True)
(fonts / "fontlist.json").write_text("{}")
out = pathlib.Path("runs/detect/train/weights")
out.mkdir(parents=True)
with open(out.parent / "results.csv", "w", newline="") as file:
    csv.writer(file).writerows([["epoch", "metrics/mAP50(B)"], [1, 0.5]])
(out / "last.pt").write_bytes(b"weights")
os.replace(out / "last.pt", out / "best.pt")
print("trained")
"""
TORCH_HUB = """\
import os, shutil, tempfile
hub = os.path.expanduser("~/.cache/torch/hub/checkpoints")
os.makedirs(hub, exist_ok=True)
part = tempfile.NamedTemporaryFile(delete=False, dir=hub)
part.write(b"weights")
part.close()
shutil.move(part.name, os.path.join(hub, "resnet18.pth"))
with tempfile.TemporaryDirectory() as folder:
    open(os.path.join(folder, "x"), "w").close()
print(os.listdir(hub))
"""
GIT_COMMIT = """\
import subprocess
open("notes.md", "a").write("trained\\n")
git = ["git", "-c", "user.name=Minsu", "-c", "user.email=minsu@sampyo.example"]
subprocess.run([*git, "add", "-A"], check=True)
subprocess.run([*git, "commit", "-q", "-m", "Trained"], check=True)
subprocess.run([*git, "gc", "-q"], check=True)
print(subprocess.run(["git", "log", "--oneline"], capture_output=True, text=True).stdout)
"""
SPY = """\
import pathlib, sys
try:
    print((pathlib.Path.home() / "guardianflow/var/secret_key").read_text())
except OSError as error:
    sys.exit(f"refused: {error}")
"""


@pytest.fixture(scope="module")
def minsu(empty_database: Path, empty_store: Path) -> Iterator[OrdinaryUser]:
    with ordinary_user(empty_database, empty_store) as user:
        user.experiment("sampyo-gimhae-bct", train_py=ULTRALYTICS)
        user.experiment("sampyo-gimhae-ppe", train_py=TORCH_HUB)
        committed = user.experiment("donghwa-entec-ppe", train_py=GIT_COMMIT)
        user.run("git", "init", "-q", committed)
        user.experiment("donghwa-entec-spy", train_py=SPY)
        user.portal("scan_experiments", "--import")
        yield user


def run(user: OrdinaryUser, name: str, *options: str) -> dict[str, Any]:
    """Run the training of an experiment to its end and return what the portal says of it."""
    done = user.portal("run_experiment", name, "--type", "train", "--json", *options, check=False)
    assert done.stdout, done.stderr
    reported: dict[str, Any] = json.loads(done.stdout)
    log = user.checkout / "var/runs" / Path(reported["run_dir"]).name / "stderr.log"
    return reported | {"stderr": log.read_text(encoding="utf-8"), "message": done.stderr}


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("sampyo-gimhae-bct", ".config/Ultralytics/settings.json"),
        ("sampyo-gimhae-ppe", ".cache/torch/hub/checkpoints/resnet18.pth"),
        ("donghwa-entec-ppe", "experiments/donghwa-entec-ppe/notes.md"),
    ],
)
def test_trainings_make_their_caches_weights_and_commits(
    minsu: OrdinaryUser, name: str, made: str
) -> None:
    reported = run(minsu, name)
    assert (reported["status"], reported["warnings"]) == ("succeeded", []), reported["stderr"]
    assert reported["isolation"]["fence"] == "portal"
    assert (minsu.home / made).exists()


def test_the_secret_key_is_refused_and_the_run_says_by_what(minsu: OrdinaryUser) -> None:
    reported = run(minsu, "donghwa-entec-spy")
    assert reported["status"] == "failed"
    assert "refused: [Errno 13]" in reported["stderr"]
    [warning] = reported["warnings"]
    assert "GUARDIANFLOW_FENCE=off" in warning
    assert warning in reported["message"].replace("\n", " ")


def test_doctor_warns_of_a_portal_inside_his_own_home(minsu: OrdinaryUser) -> None:
    message = minsu.portal("doctor", check=False).stdout
    [line] = [line for line in message.splitlines() if "cannot create entries" in line]
    assert line.startswith("warn")
    assert str(minsu.home) in line


def test_a_notebook_is_executed(minsu: OrdinaryUser) -> None:
    if not JUPYTER.exists():
        pytest.skip("`make jupyter` has not set up an environment with Jupyter")
    directory = minsu.experiment("sampyo-gimhae-eda", train_ipynb=notebook("print(6 * 7)"))
    site = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    packages = JUPYTER.parent.parent / site
    if not packages.is_dir() or not Path(sysconfig.get_path("purelib")).is_dir():
        pytest.skip("the environment with Jupyter has another version of Python")
    minsu.make_environment(directory / ".venv", packages)
    minsu.portal("scan_experiments", "--import")
    reported = run(minsu, "sampyo-gimhae-eda", "--script", "train.ipynb")
    assert reported["status"] == "succeeded", reported["stderr"]
    kept = next(file for file in reported["files"] if file["path"] == "train.executed.ipynb")
    assert kept["size_bytes"] > 0
    assert (minsu.home / ".ipython").is_dir()

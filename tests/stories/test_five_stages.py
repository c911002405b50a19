"""One experiment of the sample tree from stage 1 to stage 5, and back by a withdrawal.

Jiwoo is a project manager; Minsu and Yuna are engineers. Everything is real: scan, worker, runs, a
comparison with its control, MLflow, and a core repository whose branches an engineer merges.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from runs_app.trainers import gf_base
from tests.registry_app.sync.git.remote import Remote, git, make_remote
from tests.stories.browser import Browser
from tests.stories.people import employ, experiment_listed, scan_now
from tests.stories.served import ServedPortal
from tests.trees import fingerprint
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.proof, pytest.mark.mlflow]

NAME = "donghwa-entec-ppe"
PROMOTIONS = "/admin/runs_app/promotion/"
GUESSES = "/admin/registry_app/proposal/?show=confirm"
PLACE = {"site.region": "busan", "site.plant": "plant1", "site.zone": "welding"}
EPOCHS = ("--param", "epochs=4")
# What Minsu writes into the directory of the script, which stays as it is.
TRAINER = f'''\
import dataclasses

from gf_base import BaseTrainer, as_main_arguments, load


class PpeTrainer(BaseTrainer):
    experiment = "{NAME}"

    @dataclasses.dataclass
    class Config:
        epochs: int = 12
        seed: int = 0

    def train(self):
        script = "train_yolov11_v2.py"
        words = ["--epochs", str(self.config.epochs), "--seed", str(self.config.seed)]
        module = load(script)
        with as_main_arguments(script, words):
            module.main()


if __name__ == "__main__":
    raise SystemExit(PpeTrainer.main())
'''
PROJECT = """\
name: core   # for `mlflow run`
entry_points:
  main: {command: "guardianflow runs"}
"""
FETCH = """\
import os, sys, warnings
warnings.simplefilter("ignore")
os.environ["MLFLOW_TRACKING_URI"] = sys.argv[1]
import mlflow
print(mlflow.artifacts.download_artifacts(f"models:/{sys.argv[2]}@champion", dst_path=sys.argv[3]))
"""


@pytest.fixture
def core(tmp_path: Path) -> Remote:
    """A core repository with a registry file of people, in a comment of theirs."""
    made = make_remote(tmp_path / "git")
    (made.clone / "MLproject").write_text(PROJECT)
    made.commit("# ours\nexperiments: {}\n")
    made.push()
    return made


@pytest.fixture
def served_environment(core: Remote) -> dict[str, str]:
    return {"GUARDIANFLOW_CORE_URL": str(core.path)}


def test_from_a_directory_to_the_core_and_back(
    portal: ServedPortal, core: Remote, tmp_path: Path
) -> None:
    admin = portal.browser("admin", portal.password)
    jiwoo = employ(portal, admin, "jiwoo", "PM")
    minsu = employ(portal, admin, "minsu", "Engineer")
    yuna = employ(portal, admin, "yuna", "Engineer")
    before = fingerprint(portal.roots)

    scan_now(jiwoo)
    assert stage(portal) == 1
    confirm(jiwoo)
    assert stage(portal) == 2
    portal.guardianflow("run", NAME, "--type", "train", *EPOCHS)
    assert stage(portal) == 3

    directory = portal.roots / NAME
    (directory / "trainer.py").write_text(TRAINER)
    shutil.copy(gf_base.__file__, directory / "gf_base.py")
    scan_now(jiwoo)
    compare(portal)
    assert stage(portal) == 4

    portal.guardianflow("sync")
    model = train_and_evaluate(portal)
    request(minsu, model)
    number = approve(yuna)
    made = wait_until(lambda: promotion(portal, "promoted"), what="the worker promotes the model")
    assert made["requested_by"] == "minsu"
    assert made["approved_by"] == "yuna"
    fetched(portal, tmp_path / "fetched", model)
    assert stage(portal) == 4, "its branch is not merged"
    merge(core, made["branch"])
    the_core_has_it(core, made)
    portal.guardianflow("sync")
    wait_until(lambda: stage(portal) == 5, what="a worker sees that it is merged")
    assert "is the champion and is in main" in minsu.get(f"{PROMOTIONS}{number}/").words

    withdraw(yuna, number)
    gone = wait_until(lambda: promotion(portal, "withdrawn"), what="the worker takes it back")
    assert stage(portal) == 4
    merge(core, gone["withdrawal_branch"])
    assert "core" not in yaml.safe_load(core.text())
    assert (core.clone / "MLproject").read_text() == PROJECT
    assert not (core.clone / "trainers" / NAME).exists()
    history(minsu)
    scripts = {path: digest for path, digest in before.items() if path.endswith(".py")}
    now = fingerprint(portal.roots)
    assert {path: now[path] for path in scripts} == scripts, "no script was changed"


def stage(portal: ServedPortal) -> int:
    rows = json.loads(portal.guardianflow("list", "--json"))
    return int(next(row["stage"] for row in rows if row["name"] == NAME))


def confirm(jiwoo: Browser) -> None:
    """Jiwoo fills in what no scan can know, and confirms all guesses about the experiment."""
    number = experiment_listed(jiwoo, NAME)
    page = jiwoo.get(f"{GUESSES}&experiment={number}")
    missing = {name for name, _value in page.form("accept").fields}
    typed = {f"value-{number}:{field}": value for field, value in PLACE.items()}
    form = page.form("accept")
    page = jiwoo.send(
        page, form, accept="typed", **{name: typed[name] for name in typed if name in missing}
    )
    page = jiwoo.get(f"{GUESSES}&experiment={number}")
    jiwoo.send(page, page.form("accept"), accept=f"all-{number}")


def compare(portal: ServedPortal) -> None:
    """Old and new under one seed, and a control with half the epochs that has to fall out."""
    words = ("parity", NAME, "--new", "trainer.py", *EPOCHS, "--yes")
    portal.guardianflow(*words)
    found = json.loads(portal.guardianflow("parity", NAME, "--status", "--json"))
    assert found["outcome"] == "equal"
    assert found["control"]["result"] == "fell_out"
    wait_until(lambda: stage(portal) == 4, what="a worker sees that it is proved")


def train_and_evaluate(portal: ServedPortal) -> Path:
    """Train by the trainer, then measure the very file that it made."""
    words = ("run", NAME, "--type", "train", "--script", "trainer.py", *EPOCHS)
    portal.guardianflow(*words)
    newest = json.loads(portal.guardianflow("runs", "--json"))[0]
    shown = json.loads(portal.guardianflow("show", str(newest["id"]), "--json"))
    paths = [str(row["path"]) for row in shown["files"]]
    path = next(path for path in paths if path.endswith("best.pt"))
    portal.guardianflow("run", NAME, "--type", "infer", "--param", f"weights={path}")
    return portal.roots / NAME / path


def request(minsu: Browser, model: Path) -> None:
    number = experiment_listed(minsu, NAME)
    page = minsu.get(f"{PROMOTIONS}new/?experiment={number}")
    assert model.name in page.words
    page = minsu.send(page, page.form("file"), reason="Finds hooks at night")
    assert "another person approves it" in page.words
    assert not [form for form in page.forms if form.action.endswith("/approve/")]


def approve(yuna: Browser) -> int:
    """Yuna opens the promotion from its experiment and approves it, with the classes compared."""
    number = experiment_listed(yuna, NAME)
    page = yuna.get(f"/admin/registry_app/experiment/{number}/")
    page = yuna.get(next(iter(re.findall(rf'href="({PROMOTIONS}\d+/)"', page.text))))
    form = next(form for form in page.forms if form.action.endswith("/approve/"))
    page = yuna.send(page, form, classes="on")
    assert page.status == 200
    return int(page.url.rstrip("/").rpartition("/")[2])


def promotion(portal: ServedPortal, state: str) -> dict[str, Any] | None:
    rows = json.loads(portal.guardianflow("promote", NAME, "--show", "--json"))
    found: dict[str, Any] = rows[0]
    return found if found["state"] == state else None


def fetched(portal: ServedPortal, folder: Path, model: Path) -> None:
    """Anyone gets the model by its alias, byte by byte the file that the training made."""
    folder.mkdir()
    portal.ask_mlflow(FETCH, NAME, str(folder))
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    assert sha256(file.read_bytes()).digest() == sha256(model.read_bytes()).digest()


def merge(core: Remote, branch: str) -> None:
    core.pull()
    git(core.clone, "fetch", "--quiet", "origin", branch)
    git(core.clone, "merge", "--quiet", "--no-edit", "FETCH_HEAD")
    core.push()


def the_core_has_it(core: Remote, made: dict[str, Any]) -> None:
    text = core.text()
    assert text.startswith("# ours")
    entry = yaml.safe_load(text)["core"][NAME]
    assert str(entry["version"]) == made["version"]
    assert entry["sha256"] == made["files"][0]["sha256"]
    folder = core.clone / entry["trainer"]
    assert (folder / "trainer.py").read_text() == TRAINER
    assert json.loads((folder / "config.json").read_text())["epochs"] == 4
    ast.parse((folder / "gf_base.py").read_bytes())
    assert f"guardianflow run {NAME} --type train" in (core.clone / "MLproject").read_text()
    done = subprocess.run(
        [sys.executable, "-B", "-m", "unittest", "-q", "test_trainer"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def withdraw(yuna: Browser, number: int) -> None:
    page = yuna.get(f"{PROMOTIONS}{number}/")
    form = next(form for form in page.forms if form.action.endswith("/withdraw/"))
    yuna.send(page, form, reason="Too slow on the old cameras")


def history(minsu: Browser) -> None:
    """The history has each change of the stage since a worker first looked at the experiment."""
    timeline = f"/admin/registry_app/experiment/{experiment_listed(minsu, NAME)}/timeline/"

    def shows(change: str) -> bool:
        return change in minsu.get(timeline).words

    for change in ("Stage 3 → 4", "Stage 4 → 5", "Stage 5 → 4"):
        wait_until(partial(shows, change), what=change)

"""The import contracts of pyproject.toml report what they promise to report.

Each contract is broken once in a copy of the tree, by a new file as far as one can break it: a
contract that lists what is forbidden module by module would not notice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("portal", "registry_app", "runs_app")

# Contract, file, the line that breaks it.
VIOLATIONS = [
    (
        "The composition root is above both apps, and the registry knows nothing of runs",
        "registry_app/planted.py",
        "from runs_app import choices",
    ),
    (
        "MLflow is imported in the tracking package alone",
        "runs_app/system/planted.py",
        "import mlflow",
    ),
    (
        "The runner knows neither Django nor MLflow",
        "runs_app/runner/planted.py",
        "import django.conf",
    ),
    (
        "The supervisor imports the standard library alone",
        "runs_app/runner/supervisor.py",
        "from runs_app.runner import language",
    ),
    (
        "What guards a run for its supervisor imports the standard library alone",
        "runs_app/runner/guards/planted.py",
        "from runs_app.runner import language",
    ),
    (
        "What isolates a script imports the standard library alone",
        "runs_app/runner/isolation/planted.py",
        "from runs_app.runner import language",
    ),
    (
        "The base of trainers imports the standard library alone",
        "runs_app/trainers/gf_base.py",
        "from runs_app.runner import folder",
    ),
    (
        "Tables of texts know nothing but messages",
        "registry_app/texts/planted.py",
        "import json, yaml",
    ),
    (
        "Readers of directories load no database",
        "registry_app/inference/planted.py",
        "from registry_app import choices",
    ),
    (
        "The registry imports no package but those it is built on",
        "registry_app/scan/planted.py",
        "import psutil",
    ),
    (
        "Only the chooser knows which executor carries runs out",
        "runs_app/lifecycle/planted.py",
        "from runs_app.executors.local import devices",
    ),
    (
        "Only an executor starts and asks supervisors",
        "runs_app/executors/planted.py",
        "from runs_app.runner import process",
    ),
    (
        "Readers of results import the standard library alone, and PyYAML for YAML",
        "registry_app/results/planted.py",
        "import django",
    ),
    (
        "Packages of runs import downward only",
        "runs_app/models/planted.py",
        "from runs_app.queue import admission",
    ),
    (
        "Packages of the registry import downward only",
        "registry_app/files/planted.py",
        "from registry_app.scan import walk",
    ),
    (
        "Packages of the inference import downward only",
        "registry_app/inference/code/planted.py",
        "from registry_app.inference.purpose import signs",
    ),
]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy of the tree in which every contract is broken."""
    copy = tmp_path_factory.mktemp("planted")
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests").mkdir()
    (copy / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "tests" / "contracts.py", copy / "tests")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for _contract, file, line in VIOLATIONS:
        path = copy / file
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(command), "--no-cache"],
        cwd=copy,
        env={**os.environ, "COLUMNS": "300", "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0, done.stdout
    return done.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_planted_import_breaks_its_contract(
    report: str, contract: str, file: str, line: str
) -> None:
    assert f"{contract} BROKEN" in report
    module = file.removesuffix(".py").replace("/", ".")
    broken = report.partition("Broken contracts")[2].partition(contract)[2]
    assert module in broken, line


def test_every_contract_is_broken_once() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {name for name, _, _ in VIOLATIONS}

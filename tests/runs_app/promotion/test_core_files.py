"""What a promotion writes into the core repository, whatever an experiment is called."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from runs_app.promotion.core_files import Addition, Entry, Found, added, found_in, with_entry
from runs_app.trainers.adapter import folder_name

HOSTILE = [
    'x"""; import os; os._exit(3) #',
    "it's \\ odd",
    "한국 공장/안전모",
    "..",
    "a:b",
    "{name}",
]


def addition(name: str, file: str = "trainer.py") -> Addition:
    trainer = f"class T(BaseTrainer):\n    experiment = {name!r}\n".encode()
    entry = Entry(
        model="m",
        version="1",
        sha256="a" * 64,
        trainer=f"trainers/{folder_name(name)}",
        since=date(2026, 11, 29),
    )
    return Addition(name=name, entry=entry, file=file, trainer=trainer, base=b"# base\n")


@pytest.mark.parametrize("name", HOSTILE)
def test_the_test_of_a_trainer_runs_nothing_of_its_name(name: str, tmp_path: Path) -> None:
    files = added(addition(name), {}, "registry.yaml")
    for path, data in files.items():
        target = tmp_path / path
        assert target.resolve().is_relative_to(tmp_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    folder = tmp_path / "trainers" / folder_name(name)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "gf_base.py",
        "test_trainer.py",
        "trainer.py",
    ]
    words = [sys.executable, "-B", "-m", "unittest", "-q", "test_trainer"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tree = ast.parse((folder / "test_trainer.py").read_bytes())
    assert {type(node) for node in tree.body} == {
        ast.Expr,
        ast.Import,
        ast.Assign,
        ast.ClassDef,
        ast.If,
    }


def test_the_test_reads_the_trainer_by_its_own_name() -> None:
    files = added(addition("ppe", file="ppe.py"), {}, "registry.yaml")
    assert b"'ppe.py'" in files["trainers/ppe/test_trainer.py"]
    assert "trainers/ppe/ppe.py" in files


def test_what_is_there_stays() -> None:
    there = {"trainers/ppe/trainer.py": b"# ours\n", "trainers/ppe/gf_base.py": b"# ours\n"}
    files = added(addition("ppe"), there, "registry.yaml")
    assert not set(there) & set(files)


def test_an_entry_is_found_under_the_name_that_the_experiment_had(tmp_path: Path) -> None:
    entry = addition("ppe").entry
    text = with_entry("registry.yaml", b"", "ppe", entry)
    text = with_entry("registry.yaml", text, "fall", replace(entry, model="fall"))
    assert found_in(text, "registry.yaml", "ppe", entry) == Found(name="ppe", is_right=True)
    assert found_in(text, "registry.yaml", "hooks", entry) == Found(name="ppe", is_right=True)
    newer = replace(entry, version="2")
    assert found_in(text, "registry.yaml", "hooks", newer) == Found(name="ppe", is_right=False)
    assert found_in(text, "registry.yaml", "fall", entry) == Found(name="fall", is_right=False)
    assert found_in(text, "registry.yaml", "x", replace(entry, model="x")) is None


def test_the_next_promotion_of_a_renamed_experiment_replaces_its_former_entry() -> None:
    made = addition("hooks")
    text = b"# ours\n" + with_entry("registry.yaml", b"", "ppe", made.entry)
    text = with_entry("registry.yaml", text, "fall", replace(made.entry, model="fall"))
    after = added(replace(made, former=("ppe",)), {"registry.yaml": text}, "registry.yaml")
    said = after["registry.yaml"].decode()
    assert said.startswith("# ours")
    assert set(yaml.safe_load(said)["core"]) == {"fall", "hooks"}

"""The base of trainers: its command line, its record, and every Python that experiments have."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BASE = Path(__file__).resolve().parents[3] / "runs_app" / "trainers" / "gf_base.py"

NATIVE = """\
from __future__ import annotations
import dataclasses
from typing import List, Optional
from gf_base import BaseTrainer

class PpeTrainer(BaseTrainer):
    experiment = "donghwa-entec-ppe"

    @dataclasses.dataclass
    class Config:
        data: str
        epochs: int = 2
        lr: float = 0.1
        amp: bool = True
        classes: List[str] = dataclasses.field(default_factory=list)
        device: Optional[int] = None
        api_key: str = ""

    def prepare(self):
        print(self.config)

    def train(self):
        for epoch in range(self.config.epochs):
            self.log_metric("loss", 1 / (epoch + 1), epoch)
        with open("best.pt", "w") as file:
            file.write("weights")
        self.checkpoint(self.config.epochs, model="best.pt")

    def evaluate(self):
        return {"mAP50": 0.83, "note": "good"}

    def export(self):
        print("last", self.last_checkpoint())
        return ["best.pt"]

if __name__ == "__main__":
    raise SystemExit(PpeTrainer.main())
"""
SCRIPT = """\
import dataclasses
from gf_base import ScriptTrainer

class FallTrainer(ScriptTrainer):
    experiment = "sampyo-fall"
    script = "train.py"
    arguments = "--lr {lr} --name=run-{name}"
    exports = ("runs/*.pt",)

    @dataclasses.dataclass
    class Config:
        lr: float = None
        name: str = None
        epochs: int = None
        nosave: bool = dataclasses.field(default=None, metadata={"switch": True})

if __name__ == "__main__":
    raise SystemExit(FallTrainer.main())
"""


def interpreters() -> Iterator[str]:
    """Yield every Python from 3.8 on of this machine, the portal's own among them."""
    yield sys.executable
    for name in (f"python3.{minor}" for minor in range(8, 15)):
        path = shutil.which(name)
        if path and _answers(path):
            yield path
    yield from map(str, sorted(Path.home().glob(".pyenv/versions/3.[89]*/bin/python")))
    yield from map(str, sorted(Path.home().glob(".pyenv/versions/3.1[0-9]*/bin/python")))


def _answers(path: str) -> bool:
    return subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode == 0


def write(folder: Path, text: str) -> None:
    shutil.copy(BASE, folder / "gf_base.py")
    (folder / "trainer.py").write_text(text)


def run(
    folder: Path, *words: str, python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if "GUARDIANFLOW" not in name}
    return subprocess.run(
        [python, "trainer.py", *words],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def record(folder: Path) -> list[dict[str, Any]]:
    [file] = folder.glob("guardianflow-out/*/trainer.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def metrics(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for row in record(folder):
        if row["kind"] == "metric":
            found.setdefault(row["name"], []).append((row["step"], row["value"]))
    return found


def test_the_base_is_python_of_2019() -> None:
    ast.parse(BASE.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("python", sorted(set(interpreters())))
def test_a_trainer_runs_alone_in_every_python(tmp_path: Path, python: str) -> None:
    write(tmp_path, NATIVE)
    done = run(tmp_path, "--data", "a.yaml", "--epochs", "3", python=python)
    assert done.returncode == 0, done.stderr
    header, *_rest, end = record(tmp_path)
    assert header["kind"] == "header"
    assert (header["class"], header["experiment"]) == ("PpeTrainer", "donghwa-entec-ppe")
    assert header["trainer_kind"] == "native"
    assert header["steps"] == ["prepare", "train", "evaluate", "export"]
    assert end["status"] == 0
    assert metrics(tmp_path) == {
        "loss": [(0, 1.0), (1, 0.5), (2, 1 / 3)],
        "mAP50": [(0, 0.83)],
    }
    assert "000000003-best.pt" in done.stdout


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["--data", "a"], "data='a', epochs=2, lr=0.1, amp=True, classes=[], device=None"),
        (["--data=a", "--no-amp", "--lr", "1e-3"], "lr=0.001, amp=False"),
        (["--data", "a", "--classes", "hook", "harness"], "classes=['hook', 'harness']"),
        (["--data", "a", "--device", "1"], "device=1"),
        (["--gf-config", "c.json"], "data='of the file', epochs=9"),
        (["--gf-config", "c.json", "--epochs", "1"], "data='of the file', epochs=1"),
    ],
)
def test_the_config_is_the_command_line(tmp_path: Path, words: list[str], seen: str) -> None:
    write(tmp_path, NATIVE)
    (tmp_path / "c.json").write_text('{"data": "of the file", "epochs": 9}')
    done = run(tmp_path, *words, "--gf-steps", "prepare")
    assert done.returncode == 0, done.stderr
    assert seen in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "--data is required"),
        (["--data", "a", "--epoch", "3"], "unrecognized arguments: --epoch 3"),
        (["--data", "a", "--gf-steps", "train,deploy"], "no step 'deploy'"),
        (["--gf-config", "c.json"], "unknown lrate"),
        (["--gf-config", "gone.json"], "gone.json"),
    ],
)
def test_a_bad_command_line_is_refused(tmp_path: Path, words: list[str], why: str) -> None:
    write(tmp_path, NATIVE)
    (tmp_path / "c.json").write_text('{"lrate": 1}')
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert why in done.stderr


def test_a_full_disk_fails_no_training(tmp_path: Path) -> None:
    """The folder of the record cannot be made, as on a full or read-only disk."""
    write(tmp_path, NATIVE)
    (tmp_path / "file").write_text("")
    done = run(tmp_path, "--data", "a", GUARDIANFLOW_RECORD_DIR=str(tmp_path / "file" / "record"))
    assert done.returncode == 0
    assert done.stderr.count("is not written") == 1


ODD = """\
import os, sys
from gf_base import BaseTrainer

class Array:
    def __float__(self):
        raise RuntimeError("only one element can be converted")

class OddTrainer(BaseTrainer):
    experiment = "sampyo-odd"
    exports = ("*.pt",)

    def train(self):
        self.log_metric("a", 1.0, step="x")
        self.log_metric("b", 1.0, step=float("nan"))
        self.log_metric("c", Array())
        self.log_metric("d", 10 ** 400)
        self.log_metric("e", 0.5)
        self.log_artifact("no\\0file")
        self.record.add("odd", **{"rows": {b"key": 1}})
        with open("results.csv", "w") as file:
            file.write("epoch,loss\\ninf,0.5\\n")
        os.symlink("gone", "gone.pt")
        sys.exit()

if __name__ == "__main__":
    raise SystemExit(OddTrainer.main())
"""


def test_whatever_a_trainer_logs_fails_no_training(tmp_path: Path) -> None:
    """Steps that are no numbers, arrays, huge numbers, odd paths and tables; then `sys.exit()`."""
    write(tmp_path, ODD)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert metrics(tmp_path) == {"e": [(0, 0.5)]}
    assert record(tmp_path)[-1]["status"] == 0


def test_the_main_file_of_a_package_is_loaded_without_its_guard(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import gf_base\n"
        'with gf_base.as_main_arguments("pack/__main__.py", ["-x"]):\n'
        '    gf_base.load("pack/__main__.py").main()\n',
    )
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__main__.py").write_text(
        'import sys\ndef main(): print("trained", sys.argv)\n'
        'if __name__ == "__main__":\n    main()\n'
    )
    done = run(tmp_path)
    assert done.stdout == "trained ['pack/__main__.py', '-x']\n", done.stderr


def test_a_secret_setting_is_not_recorded(tmp_path: Path) -> None:
    write(tmp_path, NATIVE)
    assert run(tmp_path, "--data", "a", "--api-key", "s3cret-word").returncode == 0
    assert record(tmp_path)[0]["config"]["api_key"] == "***"
    assert "s3cret-word" not in json.dumps(record(tmp_path))


TRAIN = """\
import csv, os, sys, time
print(sys.argv[1:])
os.makedirs("runs", exist_ok=True)
open("runs/best.pt", "w").write("weights")
with open("runs/results.csv", "a") as file:
    rows = csv.writer(file)
    if not file.tell():
        rows.writerow(["epoch", "  loss", "name"])
    for epoch in (1, 2):
        rows.writerow([epoch, 0.5 / epoch, "text"])
"""


@pytest.mark.parametrize("python", sorted(set(interpreters())))
def test_an_unmodified_script_is_a_trainer_in_every_python(tmp_path: Path, python: str) -> None:
    write(tmp_path, SCRIPT)
    (tmp_path / "train.py").write_text(TRAIN)
    done = run(tmp_path, "--lr", "0.1", "--epochs", "2", "--nosave", python=python)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['--lr', '0.1', '--epochs', '2', '--nosave']"
    assert metrics(tmp_path) == {"loss": [(1, 0.5), (2, 0.25)]}
    artifacts = [row["path"] for row in record(tmp_path) if row["kind"] == "artifact"]
    assert artifacts == ["runs/best.pt"]


def test_only_the_new_rows_of_a_table_are_this_trainings(tmp_path: Path) -> None:
    write(tmp_path, SCRIPT)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "results.csv").write_text("epoch,loss,name\n1,9,old\n")
    (tmp_path / "train.py").write_text(TRAIN)
    assert run(tmp_path).returncode == 0
    assert metrics(tmp_path) == {"loss": [(1, 0.5), (2, 0.25)]}


@pytest.mark.parametrize(("end", "status"), [("sys.exit(7)", 7), ("os.kill(os.getpid(), 9)", 137)])
def test_the_status_of_the_script_is_that_of_its_trainer(
    tmp_path: Path, end: str, status: int
) -> None:
    write(tmp_path, SCRIPT)
    (tmp_path / "train.py").write_text(f"import os, sys\n{end}\n")
    assert run(tmp_path).returncode == status
    assert record(tmp_path)[-1]["status"] == status

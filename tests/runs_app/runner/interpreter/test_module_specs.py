"""An interpreter is asked which modules it would find; nothing of them is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.module_specs import ask
from tests.runs_app.runner.scripts import is_alive, wait_for

PYTHON = Path(sys.executable)
FENCE: dict[str, object] = {}


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """Return an environment that has nothing installed."""
    made = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    return made


def packages(environment: Path) -> Path:
    return next(environment.glob("lib/python3*/site-packages"))


def greeting(tmp_path: Path, text: str) -> Path:
    """Return a program that takes the place of a Python."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return program


def test_found_and_missing_modules_are_distinguished_in_the_order_of_the_question() -> None:
    answer = ask(PYTHON, ["no_such_thing", "json", "sys", "django", "neither_this"], fence=FENCE)
    assert answer.found == ("json", "sys", "django")
    assert answer.missing == ("no_such_thing", "neither_this")
    assert answer.python_version == ".".join(map(str, sys.version_info[:3]))


def test_an_environment_is_asked_not_the_portal(environment: Path) -> None:
    answer = ask(
        environment / "bin/python", ["django", "torch"], distributions=["django"], fence=FENCE
    )
    assert answer.missing == ("django", "torch")
    assert answer.versions == {}


def test_a_module_of_the_environment_is_found_and_never_imported(environment: Path) -> None:
    trap = packages(environment) / "cv2"
    trap.mkdir()
    (trap / "__init__.py").write_text(f"open({str(environment / 'imported')!r}, 'w')\n")
    (trap / "dnn.py").write_text("")
    answer = ask(environment / "bin/python", ["cv2.dnn", "cv2"], fence=FENCE)
    assert answer.found == ("cv2",)
    assert not (environment / "imported").exists()
    assert not list(trap.rglob("*.pyc"))


def test_installed_versions_are_read_from_metadata(environment: Path) -> None:
    (packages(environment) / "torch-2.1.0.dist-info").mkdir()
    metadata = packages(environment) / "torch-2.1.0.dist-info/METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.1.0\n")
    answer = ask(
        environment / "bin/python", [], distributions=["torch", "ultralytics"], fence=FENCE
    )
    assert answer.versions == {"torch": "2.1.0"}


def test_files_beside_the_question_are_not_taken_for_modules() -> None:
    answer = ask(PYTHON, ["specs_child", "module_specs", "supervisor"], fence=FENCE)
    assert answer.found == ()


def test_the_portals_own_settings_and_secrets_are_not_handed_on(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("SECRET_KEY", "hush")
    seen = environment / "seen"
    (packages(environment) / "sitecustomize.py").write_text(
        f"import os\nopen({str(seen)!r}, 'w').write(repr(dict(os.environ)))\n"
    )
    assert ask(environment / "bin/python", ["django"], fence=FENCE).missing == ("django",)
    assert "hush" not in seen.read_text()


def test_an_environment_that_greets_is_understood(environment: Path) -> None:
    (packages(environment) / "sitecustomize.py").write_text("print('welcome')\n")
    assert ask(environment / "bin/python", ["json"], fence=FENCE).found == ("json",)


def test_a_finder_that_fails_leaves_its_module_unsure(environment: Path) -> None:
    (packages(environment) / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'broken': raise RuntimeError\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    answer = ask(environment / "bin/python", ["broken", "absent"], fence=FENCE)
    assert (answer.unsure, answer.missing) == (("broken",), ("absent",))


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("echo 'bad interpreter' >&2; exit 3", r"exit status 3\): bad interpreter"),
        ("echo hello", "and printed nothing"),
        ("echo 'guardianflow-specs {'", "an invalid answer"),
        ("echo 'guardianflow-specs [1]'", "an invalid answer"),
    ],
)
def test_what_is_no_python_is_an_error_that_says_so(
    tmp_path: Path, program: str, complaint: str
) -> None:
    with pytest.raises(InterpreterError, match=complaint):
        ask(greeting(tmp_path, program), ["json"], fence=FENCE)


def test_an_interpreter_that_is_not_there_is_an_error_with_its_fix(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match=r"No such file.*set another interpreter"):
        ask(tmp_path / "python", ["json"], fence=FENCE)


def test_one_that_never_answers_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = subprocess.Popen.wait

    def wait_for_its_child(self: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        wait_for(lambda: child.read_text().endswith("\n"))
        return wait(self, timeout)

    child = tmp_path / "child"
    monkeypatch.setattr(subprocess.Popen, "wait", wait_for_its_child)
    program = greeting(tmp_path, f"sleep 600 & echo $! > {child}\nwait")
    with pytest.raises(InterpreterError, match="did not respond within"):
        ask(program, ["json"], timeout_s=0.1, fence=FENCE)
    pid = int(child.read_text())
    wait_for(lambda: not is_alive(pid))

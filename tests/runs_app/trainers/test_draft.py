"""Each drafted adapter runs without an edit, and does what its script does."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registry_app.inference.code.project import Project
from runs_app.trainers.draft import Draft, DraftError, draft
from tests.runs_app.trainers import repository_styles, styles
from tests.runs_app.trainers.test_gf_base import BASE

SCRIPTS = {**styles.SCRIPTS, **repository_styles.SCRIPTS}
BESIDE = {**styles.BESIDE, **repository_styles.LIBRARIES}
WORDS = {**styles.WORDS, **repository_styles.WORDS}
KINDS = {**styles.KINDS, **repository_styles.KINDS}
CASES = [(name, words) for name, cases in WORDS.items() for words in cases]


def drafted(name: str, text: str = "", folder: str = "") -> Draft:
    files = {**SCRIPTS, **BESIDE, **({name: text} if text else {})}
    data = {path: content.encode() for path, content in files.items()}
    project = Project(name="ppe", paths=list(data), read=data.get)
    return draft(project, name, experiment="donghwa-entec-ppe", folder=folder)


def directory(base: Path, name: str) -> Path:
    """An experiment's directory with all scripts, and nothing of the portal."""
    folder = base / name
    folder.mkdir(parents=True)
    for path, text in {**SCRIPTS, **BESIDE}.items():
        (folder / path).write_text(text)
    return folder


def run(program: list[str], folder: Path, record: Path) -> tuple[int, str, dict[str, str]]:
    """Run a program; return status, output, and the files that it left."""
    before = set(folder.rglob("*"))
    done = subprocess.run(
        program,
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GUARDIANFLOW_RECORD_DIR": str(record),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    left = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(set(folder.rglob("*")) - before)
        if path.is_file()
    }
    return done.returncode, done.stdout, left


@pytest.mark.parametrize(("name", "words"), CASES)
def test_the_adapter_does_what_its_script_does(tmp_path: Path, name: str, words: list[str]) -> None:
    adapter = tmp_path / "core" / "trainers" / "ppe"
    adapter.mkdir(parents=True)
    shutil.copy(BASE, adapter / "gf_base.py")
    found = drafted(name)
    (adapter / "trainer.py").write_text(found.text)
    assert found.kind == KINDS[name], found.lacks
    program = ["bash"] if name.endswith(".sh") else [sys.executable]
    script = run([*program, name, *words], directory(tmp_path, "one"), tmp_path / "r1")
    other = run(
        [sys.executable, str(adapter / "trainer.py"), *words],
        directory(tmp_path, "two"),
        tmp_path / "r2",
    )
    assert other == script
    assert (tmp_path / "r2" / "trainer.jsonl").exists() or script[0] == 2


def test_the_record_has_the_tables_of_a_native_adapter(tmp_path: Path) -> None:
    folder = directory(tmp_path, "one")
    shutil.copy(BASE, tmp_path / "gf_base.py")
    (tmp_path / "trainer.py").write_text(drafted("parses_in_main.py").text)
    run([sys.executable, str(tmp_path / "trainer.py")], folder, tmp_path / "record")
    lines = (tmp_path / "record" / "trainer.jsonl").read_text()
    assert lines.count('"name": "loss"') == 3


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_draft_is_python_of_2019(name: str) -> None:
    ast.parse(drafted(name).text, feature_version=(3, 8))


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("parses_in_main.py", []),
        (
            "guard_sets_globals.py",
            ["its main guard prepares what is called (line 20)"]
            + [
                f"functions read {n}, which only the main guard sets (line {line})"
                for n, line in (("args", 7), ("seed", 9))
            ],
        ),
        ("top_level.py", ["it reads the command line when it is imported (line 4)"]),
        ("matches.py", ["line 3 of its main guard is a match statement"]),
    ],
)
def test_the_head_says_what_was_not_lifted_with_its_lines(name: str, lacks: list[str]) -> None:
    found = drafted(name)
    head = ast.get_docstring(ast.parse(found.text)) or ""
    for lack in lacks:
        assert any(lack in line for line in found.lacks), found.lacks
        assert lack in head


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "import hydra\n@hydra.main()\ndef main(c): ...\nif __name__ == '__main__':\n    main()",
            "hydra",
        ),
        ("fit()\nif __name__ == '__main__':\n    print(1)", "works when it is imported (line 1)"),
        ("if __name__ == '__main__':\n    if (n := 3):\n        print(n)", "line 2"),
        ("if __name__ == '__main__':\n    print(globals())", "calls globals()"),
        ("def f(): ...", "no main guard"),
        ("if __name__ == '__main__':\n    module = 1\n    print(module)", "uses the name module"),
    ],
)
def test_what_cannot_be_lifted_runs_as_a_script(text: str, why: str) -> None:
    found = drafted("odd.py", text)
    assert found.kind == "script"
    assert any(why in lack for lack in found.lacks), found.lacks


@pytest.mark.parametrize("name", ["notebook.ipynb", "run.bat", "gone.py"])
def test_other_files_have_no_adapter(name: str) -> None:
    with pytest.raises(DraftError):
        drafted(name, "" if name == "gone.py" else "{}")


def test_a_hostile_name_stays_text() -> None:
    evil = 'x"""\nimport os  # '
    data = {f"{evil}.py": b"def main(): ...\nif __name__ == '__main__':\n    main()\n"}
    project = Project(name="ppe", paths=list(data), read=data.get)
    text = draft(project, f"{evil}.py", experiment=evil).text
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.Import)]
    assert sorted(node.names[0].name for node in imports) == ["dataclasses", "gf_base", "os", "sys"]


def test_a_script_that_starts_in_a_folder_is_named_from_there() -> None:
    text = drafted("src/train.py", SCRIPTS["parses_in_main.py"], folder="src").text
    assert "SCRIPT = 'train.py'" in text

"""The check of a core repository: every problem at once, with file and line."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.core.check import check
from portal.database import needs_database

REGISTRY = """\
experiments:
  donghwa-entec-ppe:
    path: ppe
    aliases: [ppe2]
    entry_points:
      train: {default: train.py}
"""
PROJECT = """\
name: guardianflow
entry_points:
  ppe.train:
    command: guardianflow run donghwa-entec-ppe --type train --
"""


@pytest.fixture
def core(tmp_path: Path, settings: Settings) -> Path:
    """A repository in order; the directories of its experiments are on another machine."""
    settings.GUARDIANFLOW_ROOTS = [Path("/srv/experiments")]
    write(tmp_path, {"registry/experiments.yaml": REGISTRY, "MLproject": PROJECT})
    return tmp_path


def write(core: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (core / name).parent.mkdir(parents=True, exist_ok=True)
        (core / name).write_text(text, encoding="utf-8")


def found(core: Path) -> list[tuple[str, int | None, str]]:
    return [
        (item.file, item.problem.line, str(item.problem.message)) for item in check(core).problems
    ]


def codes(core: Path, project: str) -> list[tuple[int | None, str]]:
    write(core, {"MLproject": project})
    return [(item.problem.line, item.problem.message.code) for item in check(core).problems]


def test_a_repository_in_order(core: Path) -> None:
    write(core, {"scenario/release.yaml": "# later\n", "trainers/ppe/config.json": "{}"})
    assert found(core) == []
    assert check(core).files == 4


def test_problems_of_all_files_come_at_once(core: Path) -> None:
    write(
        core,
        {
            "registry/experiments.yaml": REGISTRY + "    ower: 지우\n    stage: high\n",
            "MLproject": PROJECT.replace("command:", "comand:"),
            "scenario/한글.yaml": "title: 점검\nruns: [\n",
            "pipelines/deep/release.yml": "steps:\n  train: &a 1\n",
            "trainers/ppe/trainer.py": "import os\ndef train(:\n",
            "trainers/ppe/config.json": '{\n "epochs": }\n',
        },
    )
    places = [(file, line) for file, line, _text in found(core)]
    assert places == [
        ("registry/experiments.yaml", 7),
        ("registry/experiments.yaml", 8),
        ("MLproject", 3),
        ("MLproject", 4),
        ("scenario/한글.yaml", 3),
        ("pipelines/deep/release.yml", 2),
        ("trainers/ppe/config.json", 2),
        ("trainers/ppe/trainer.py", 2),
    ]


def test_a_repository_without_its_two_files(tmp_path: Path) -> None:
    assert [file for file, _line, text in found(tmp_path) if "missing" in text] == [
        "registry/experiments.yaml",
        "MLproject",
    ]


@pytest.mark.parametrize(
    ("project", "problem"),
    [
        ("# nothing\n", (1, "mlproject_empty")),
        ("name: x\nentry_points:\n", (2, "mlproject_no_entry_points")),
        ("entry_points: {a: {parameters: {}}}\n", (1, "mlproject_no_command")),
        ("conda_env: a\ndocker_env: {}\n", (2, "mlproject_several_environments")),
        ("entry_point: {}\n", (1, "file_unknown_key")),
        ("entry_points:\n  a: {command: 'x {'}\n", (2, "mlproject_lone_brace")),
        ("entry_points:\n  a: {command: 'x {lr}'}\n", (2, "mlproject_unknown_placeholder")),
        (
            "entry_points:\n  a:\n    parameters: {a.b: string}\n    command: x {a.b}\n",
            (4, "mlproject_unknown_placeholder"),
        ),
        (
            "entry_points:\n  a:\n    parameters:\n      lr:\n    command: x\n",
            (4, "mlproject_no_parameter_type"),
        ),
        (
            "entry_points:\n  a:\n    command: guardianflow run fall --type train\n",
            (2, "mlproject_not_registered"),
        ),
        (
            "entry_points:\n  a: {command: guardianflow run ppe2 --type eval}\n",
            (2, "mlproject_no_such_entry_point"),
        ),
    ],
)
def test_what_mlflow_would_refuse_or_leave_open(
    core: Path, project: str, problem: tuple[int, str]
) -> None:
    assert codes(core, project) == [problem]


def test_what_a_hand_written_project_may_say(core: Path) -> None:
    project = (
        "name: ours\npython_env: python_env.yaml\nentry_points:\n"
        "  공지:\n    parameters: {이름: string, a-b: float, lr: {type: float, default: 0.1}}\n"
        "    command: 'echo {이름} {a-b} {lr} {{}} \"$HOME'\n"
        "  by alias: {command: guardianflow run ppe2 --type train}\n"
        "  by directory: {command: guardianflow run ppe --type train}\n"
    )
    assert codes(core, project) == []


def test_a_folder_above_the_registry_file_must_be_no_link(core: Path) -> None:
    (core / "registry").rename(core / "elsewhere")
    (core / "registry").symlink_to(core / "elsewhere")
    [problem] = [found for found in check(core).problems if found.file.startswith("registry/")]
    assert problem.problem.message.code == "core_no_plain_file"


def test_links_are_not_followed(core: Path) -> None:
    write(core, {"elsewhere/secret.json": "not json"})
    (core / "trainers").mkdir()
    (core / "trainers" / "config.json").symlink_to(core / "elsewhere" / "secret.json")
    (core / "trainers" / "folder").symlink_to(core / "elsewhere")
    (core / "scenario").symlink_to(core / "elsewhere")
    os.mkfifo(core / "trainers" / "pipe.json")
    assert [(item.file, item.problem.message.code) for item in check(core).problems] == [
        ("trainers/config.json", "core_no_plain_file"),
        ("trainers/pipe.json", "core_no_plain_file"),
    ]


def test_the_command_and_its_exit_status(core: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("core", "check", str(core))
    assert "2 files" in capsys.readouterr().err
    write(core, {"scenario/a.yaml": "a: [\n"})
    with pytest.raises(CommandError) as caught:
        call_command("core", "check", str(core))
    assert caught.value.returncode == 1
    assert capsys.readouterr().out.startswith("scenario/a.yaml:2: This is not YAML")


def test_as_json(core: Path) -> None:
    write(core, {"trainers/a.py": "x = (\n"})
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("core", "check", str(core), "--json", stdout=out)
    shown = json.loads(out.getvalue())
    assert shown["files"] == 3
    assert [(item["file"], item["line"], item["code"]) for item in shown["problems"]] == [
        ("trainers/a.py", 1, "core_no_python")
    ]


def test_it_needs_no_database() -> None:
    assert not needs_database(["guardianflow", "core", "--json", "check", "."])
    assert needs_database(["guardianflow", "core", "init", "check"])


@pytest.mark.parametrize(
    ("experiment", "problems"),
    [
        ("donghwa-entec-ppe", []),
        ("ppe2", []),
        ("donghwa-entec-pp", [("trainers/ppe/trainer.py", 1, "core_trainer_not_registered")]),
    ],
)
def test_a_trainer_names_a_registered_experiment(
    core: Path, experiment: str, problems: list[tuple[str, int, str]]
) -> None:
    text = f"class T(BaseTrainer):\n    experiment = {experiment!r}\n"
    write(core, {"trainers/ppe/trainer.py": text, "trainers/ppe/helper.py": "X = 1\n"})
    assert [
        (item.file, item.problem.line, item.problem.message.code) for item in check(core).problems
    ] == problems

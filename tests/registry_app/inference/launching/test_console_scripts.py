"""Which functions the commands of a package call, by a table of its declarations."""

from __future__ import annotations

import pytest

from registry_app.inference.launching.console_scripts import console_scripts
from registry_app.inference.purpose.entry_points import find_entry_scripts
from registry_app.words import ScriptLaunch
from tests.registry_app.inference.projects import make_project

FIT = "from ultralytics import YOLO\ndef run():\n    YOLO('n.pt').train(data='lid.yaml')\n"
LISTED = 'entry_points={"console_scripts": ["learn = lid.training:run"]}'


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[project.scripts]\nlearn = "lid.training:run"\n'),
        ("pyproject.toml", '[tool.poetry.scripts]\nlearn = "lid.training:run"\n'),
        ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    learn = lid.training:run\n"),
        ("setup.py", f"from setuptools import setup\nsetup({LISTED})\n"),
        ("setup.py", "setup(entry_points='''[console_scripts]\nlearn = lid.training:run\n''')"),
        ("setup.py", "setup(entry_points={'console_scripts': 'learn=lid.training:run [gpu]'})"),
    ],
)
@pytest.mark.parametrize("folder", ["", "src/"])
def test_what_a_command_calls_is_a_script(file: str, text: str, folder: str) -> None:
    project = make_project(
        {file: text, f"{folder}lid/__init__.py": "", f"{folder}lid/training.py": FIT}
    )
    (script,) = find_entry_scripts(project)
    assert (script.path, script.types.value) == (f"{folder}lid/training.py", ("train",))
    assert script.launch is ScriptLaunch.CONSOLE_SCRIPT
    assert script.type_starts["train"].start == "callable:run"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[project.scripts\n"),
        ("pyproject.toml", '[project.scripts]\nlearn = "elsewhere.training:run"\n'),
        ("pyproject.toml", '[project.scripts]\nlearn = "lid.training"\n'),
        ("setup.cfg", "console_scripts = 1"),
        ("setup.py", "setup(entry_points={'console_scripts': read('x')}"),
        ("setup.py", "setup(entry_points={'lightning.plugins': ['learn = lid.training:run']})"),
    ],
)
def test_what_is_broken_or_no_command_makes_no_script(file: str, text: str) -> None:
    project = make_project({file: text, "lid/__init__.py": "", "lid/training.py": FIT})
    assert not console_scripts(project)
    assert find_entry_scripts(project) == []


@pytest.mark.parametrize(
    ("guard", "start"),
    [
        ("if __name__ == '__main__':\n    run()\n", ""),  # its path does the same
        ("if __name__ == '__main__':\n    print('try me')\n", "callable:run"),
    ],
)
def test_a_guard_that_does_the_same_is_started_by_its_path(guard: str, start: str) -> None:
    declared = '[project.scripts]\nlearn = "lid.training:run"\n'
    project = make_project(
        {"pyproject.toml": declared, "lid/__init__.py": "", "lid/training.py": FIT + guard}
    )
    (script,) = find_entry_scripts(project)
    assert script.type_starts["train"].start == start


@pytest.mark.parametrize(
    ("text", "is_node"),
    [
        ("def main(args=None):\n    rclpy.spin(Look())\n", True),
        ("def main():\n    node = Look()\n    rospy.spin()\n", True),
        ("def start():\n    rclpy.spin(Look())\n", False),  # nothing says what starts it
        ("def main():\n    Look().turn()\n", False),
    ],
)
def test_the_main_function_of_a_node_is_started_without_a_guard(text: str, is_node: bool) -> None:
    """A program without a suffix, or a launch file, calls it."""
    project = make_project({"yard/look_node.py": text})
    commands = console_scripts(project)
    assert ("yard/look_node.py" in commands) is is_node
    assert [command.function for command in commands.values()] == ["main"] * is_node

"""What a directory says of the packages that it needs."""

from __future__ import annotations

import pytest

from registry_app.inference.code.project import Project
from registry_app.inference.environment.requirements import RequirementFile, find_requirements
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("torch==2.1.0", ("torch", "2.1.0")),
        ("torch >= 1.7.0, != 1.12.0  # see pytorch.org", ("torch", ">=1.7.0,!=1.12.0")),
        ("ultralytics[export]>=8.0", ("ultralytics", ">=8.0")),
        ("opencv_python", ("opencv-python", "")),
        ("Pillow==9.*; python_version < '3.9'", ("pillow", "9.*")),
        ("tensorflow===2.10", ("tensorflow", "2.10")),
        ("# torch==1.0", None),
        ("-r base.txt", None),
        ("--index-url https://pypi.example.com", None),
        ("git+https://git.example.com/a/b.git", None),
        ("thop @ https://files.example.com/thop.whl", None),
        ("", None),
    ],
)
def test_a_line_of_requirements(line: str, package: tuple[str, str] | None) -> None:
    found = find_requirements(make_project({"requirements.txt": line}))
    assert [item.packages for item in found] == ([(package,)] if package else [])


def test_every_form_is_read() -> None:
    project = make_project(
        {
            "environment.yml": """
                name: yolo
                dependencies:
                  - python=3.9
                  - conda-forge::pytorch=1.12.1=py3.9_cuda
                  - conda-forge::numpy>=1.20
                  - pip
                  - pip:
                    - ultralytics==8.0.20
                """,
            "Pipfile": """
                [packages]
                torch = "*"
                openvino = {version = "==2023.1", extras = ["onnx"]}
                [requires]
                python_version = "3.10"
                """,
            "api/pyproject.toml": """
                [project]
                requires-python = ">=3.8"
                dependencies = ["torch>=1.8"]
                """,
            "old/pyproject.toml": """
                [tool.poetry.dependencies]
                python = "^3.11"
                torch = "^2.6"
                """,
            "requirements-dev.txt": "onnx",
        }
    )
    assert find_requirements(project) == (
        RequirementFile(
            path="Pipfile",
            kind="Pipfile",
            packages=(("torch", ""), ("openvino", "2023.1")),
            python="3.10",
        ),
        RequirementFile(
            path="environment.yml",
            kind="conda",
            packages=(
                ("pytorch", "1.12.1"),
                ("numpy", ">=1.20"),
                ("pip", ""),
                ("ultralytics", "8.0.20"),
            ),
            environment="yolo",
            line=2,
            python="3.9",
        ),
        RequirementFile(path="requirements-dev.txt", kind="requirements", packages=(("onnx", ""),)),
        RequirementFile(
            path="api/pyproject.toml",
            kind="pyproject",
            packages=(("torch", ">=1.8"),),
            python=">=3.8",
        ),
        RequirementFile(
            path="old/pyproject.toml",
            kind="pyproject",
            packages=(("torch", "^2.6"),),
            python="^3.11",
        ),
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("environment.yml", "services: [a, b]"),
        ("environment.yml", "dependencies: [a, {pip: ["),
        ("environment.yml", "- python"),
        ("Pipfile", "[packages"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100"),
        ("pyproject.toml", "project = 3"),
        ("myrequirementslist.txt", "torch"),
    ],
)
def test_what_names_no_packages_is_left_out(path: str, text: str) -> None:
    assert find_requirements(make_project({path: text})) == ()


def test_what_powershell_wrote_is_read() -> None:
    data = "torch==2.1.0\r\n".encode("utf-16")
    project = Project(name="a", paths=["requirements.txt"], read=lambda path: data)
    assert find_requirements(project)[0].packages == (("torch", "2.1.0"),)

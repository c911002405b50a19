"""Recognise the example notebooks of a library that is published for others to install.

Such a notebook fits a toy network to show the library, not as a project trains its own.
"""

from __future__ import annotations

import posixpath
import re

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import NOTEBOOK, PYTHON, Source
from registry_app.inference.purpose.surroundings import MODEL_LIBRARIES, imported_tops

# What an index of packages asks for, and a company's own package seldom has.
_PUBLISHED = re.compile(r"Programming Language ::|Development Status ::")
_NAME = re.compile(r"""^[ \t]*name\s*=\s*["']([\w.\-]+)["']""", re.MULTILINE)
_PACKAGING = ("setup.py", "pyproject.toml")
_NOTES = ("README.md", "README.rst", "readme.md")
_REMEMBERED = "published library"


def is_example_of_library(source: Source, project: Project) -> bool:
    """Whether a notebook shows the library of its directory, which itself holds no model."""
    if not source.path.lower().endswith(NOTEBOOK):
        return False
    package = published_library(project)
    return bool(package) and package in imported_tops(source)


def published_library(project: Project) -> str:
    """Return the package of a directory that only holds a published library, '' for others.

    It has the name of the package and the classifiers of an index, a note says how to install it
    from there, and no script of the directory imports a library of models: an experiment does.
    """
    if _REMEMBERED not in project.remembered:
        project.remembered[_REMEMBERED] = _package(project)
    return str(project.remembered[_REMEMBERED])


def _package(project: Project) -> str:
    for path in _PACKAGING:
        text = project.text(path) if path in project else None
        name = _NAME.search(text) if text and _PUBLISHED.search(text) else None
        package = re.sub(r"[.\-]", "_", name[1]) if name else ""
        folders = (package, posixpath.join("src", package))
        is_here = package and any(f"{folder}/__init__.py" in project for folder in folders)
        if name and is_here and _is_installed(name[1], project) and not _has_models(project):
            return package
    return ""


def _is_installed(name: str, project: Project) -> bool:
    """Whether a note tells others to install the package by its name: `pip install NAME`."""
    spelled = r"[.\-_]".join(map(re.escape, re.split(r"[.\-_]", name)))
    command = re.compile(rf"\bpip3? install (?:-\S+ )*{spelled}(?![\w/.\-])", re.IGNORECASE)
    texts = (project.text(path) for path in _NOTES if path in project)
    return any(command.search(text) for text in texts if text)


def _has_models(project: Project) -> bool:
    return any(MODEL_LIBRARIES & imported_tops(script).keys() for script in project.scripts(PYTHON))

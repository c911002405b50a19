"""Which notebooks only show a library that others install."""

from __future__ import annotations

import json

import pytest

from registry_app.inference.purpose.entry_points import find_entry_scripts
from registry_app.inference.purpose.libraries import published_library
from tests.registry_app.inference.projects import make_project

SETUP = """from setuptools import setup
setup(
    name="grain-augment",
    classifiers=["Programming Language :: Python :: 3"],
)
"""
PYPROJECT = """[project]
name = "grain_augment"
classifiers = ["Development Status :: 4 - Beta"]
"""
LIBRARY = {
    "setup.py": SETUP,
    "grain_augment/__init__.py": "import numpy\n",
    "README.md": "# Grain\n\n    pip install --upgrade grain-augment\n",
}
FIT = "model.fit(x)\n"


def notebook(code: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": code}]})


@pytest.mark.parametrize(
    ("changed", "package"),
    [
        ({}, "grain_augment"),
        ({"setup.py": "", "pyproject.toml": PYPROJECT}, "grain_augment"),
        ({"docs/conf.py": "import sphinx\n"}, "grain_augment"),
        # An experiment that is packaged: for nobody else, under another name, or with a model.
        ({"setup.py": "setup(name='grain-augment')"}, ""),
        ({"setup.py": SETUP.replace("grain-augment", "silo")}, ""),
        ({"README.md": "    pip install -e .\n"}, ""),
        ({"README.md": "    pip install grain-augment-gpu\n"}, ""),
        ({"train.py": "import torch\n"}, ""),
        ({"grain_augment/net.py": "from tensorflow import keras\n"}, ""),
        ({"setup.py": ""}, ""),
    ],
)
def test_a_library_is_published_and_holds_no_model(changed: dict[str, str], package: str) -> None:
    assert published_library(make_project(LIBRARY | changed)) == package


@pytest.mark.parametrize(
    ("path", "text", "changed", "types"),
    [
        ("notebooks/Keras.ipynb", notebook("import grain_augment\n" + FIT), {}, ()),
        # Not about the library, and a script: someone trains here.
        ("notebooks/Keras.ipynb", notebook(FIT), {}, ("train",)),
        ("train_grain.py", "import grain_augment\n" + FIT, {}, ("train",)),
        (
            "notebooks/Keras.ipynb",
            notebook("import grain_augment\n" + FIT),
            {"train.py": "import torch\nloss.backward()\nadam.step()\n"},
            ("train",),
        ),
    ],
)
def test_an_example_of_a_library_trains_nothing(
    path: str, text: str, changed: dict[str, str], types: tuple[str, ...]
) -> None:
    """The notebook keeps its row, so nothing of the directory is lost."""
    scripts = find_entry_scripts(make_project(LIBRARY | {path: text} | changed))
    assert {script.path: script.types.value for script in scripts}[path] == types

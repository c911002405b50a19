"""Which environment variables a script reads without a default, by a table of examples."""

from __future__ import annotations

import pytest

from registry_app.inference.code.source import read_source
from registry_app.inference.environment.variables import needed_variables, variables_of
from tests.registry_app.inference.projects import make_project


def names(code: str) -> list[str]:
    return [item.name for item in variables_of(read_source("train.py", code.encode()))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os\nDATA = os.environ['PPE_DATA']", ["PPE_DATA"]),
        ("from os import environ\nDATA = environ['PPE_DATA']", ["PPE_DATA"]),
        ("import os\nint(os.getenv('EPOCHS'))", ["EPOCHS"]),
        ("import os\nos.path.join(os.environ.get('DATA'), 'x')", ["DATA"]),
        ("import os\nPATH = os.getenv('DATA') + '/x'", ["DATA"]),
        ("import os\nprint(os.environ['B'], os.environ['A'], os.environ['B'])", ["B", "A"]),
        # With a default, or without harm where nobody set it.
        ("import os\nint(os.getenv('EPOCHS', '3'))", []),
        ("import os\nDEBUG = os.getenv('DEBUG')", []),
        ("import os\nif os.getenv('DEBUG'): print(os.environ['DEBUG'])", []),
        ("import os\nif 'PPE' in os.environ: print(os.environ['PPE'])", []),
        ("import os\nos.environ['SEED'] = '1'\nprint(os.environ['SEED'])", []),
        ("import os\nos.environ.setdefault('A', '1')\nprint(os.environ['A'])", []),
        ("import os\nos.environ.update({'A': '1'})\nprint(os.environ['A'])", []),
        ("import os\ntry:\n    a = os.environ['A']\nexcept KeyError:\n    a = 1", []),
        ("import os\nprint(os.environ['HOME'], int(os.environ['LOCAL_RANK']))", []),
        ("import os, dotenv\ndotenv.load_dotenv()\nprint(os.environ['A'])", []),
        ("import os\nprint(os.environ[name], settings['A'])", []),
        ("no python 3: print 'os.environ'", []),
    ],
)
def test_only_what_must_be_set_is_named(code: str, expected: list[str]) -> None:
    assert names(code) == expected


def test_modules_of_the_directory_are_followed() -> None:
    files = {
        "train.py": "import data\nimport other_library\n",
        "data.py": "import os\nimport train\nROOT = os.environ['PPE_DATA']\n",
        "unused.py": "import os\nos.environ['UNUSED']\n",
    }
    (found,) = needed_variables(make_project(files), "train.py")
    assert (found.name, found.path, found.line) == ("PPE_DATA", "data.py", 3)

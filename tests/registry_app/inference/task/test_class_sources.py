"""Where people write the classes of their models, and lists under such names that hold none."""

from __future__ import annotations

import pytest

from registry_app.inference.task.class_names import guess_classes
from tests.registry_app.inference.projects import make_project

WRITES = 'CLASSES = ["crack", "spall", "rust"]\nopen(p, "w").write(f"nc: 3\\nnames: {CLASSES}\\n")'
LINES = (
    'CLASSES = ["crack", "spall", "rust"]\n'
    'lines = "\\n".join(f"  {i}: {n}" for i, n in enumerate(CLASSES))\n'
    'open(p, "w").write(f"train: {a}\\n\\nnames:\\n{lines}\\n")'
)
BRANCHES = (
    'if a == "pine":\n    class_names = ["knot", "split"]\n'
    'else:\n    class_names = ["knot", "split", "stain"]'
)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        # What is looked for, in two places or in a constant; what is listed in passing.
        ({"a.py": "defects = ['dent', 'rust']", "b.py": "defects = ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "import cv2\nDEFECTS = ['dent', 'rust']"}, "dent rust"),
        ({"a.py": "defects = ['dent', 'rust']"}, None),
        ({"a.py": "import cv2\ndefects = count(image)"}, None),
        # The finer list that a conversion writes, beside the one class of an earlier model.
        ({"a.py": "CLASSES = ['crack']", "convert.py": WRITES}, "crack spall rust"),
        ({"a.py": "CLASSES = ['crack']", "convert.py": LINES}, "crack spall rust"),
        ({"a.py": "CLASSES = ['leak']", "b.py": "CLASSES = ['leak']", "c.py": WRITES}, "leak"),
        (
            {"a.py": "CLASSES = ['crack']", "b.py": "x_classes = ['crack', 'spall', 'rust']"},
            "crack",
        ),
        ({"data.yaml": "names: [crack]", "convert.py": WRITES}, "crack"),
        # The lists of several data sets under one name.
        ({"infer.py": BRANCHES}, "knot split stain"),
    ],
)
def test_classes_where_people_write_them(files: dict[str, str], names: str | None) -> None:
    guess = guess_classes(make_project(files))
    assert (guess.value if guess else None) == (tuple(names.split()) if names else None)

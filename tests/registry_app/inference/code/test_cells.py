"""What the cells of notebooks are as Python."""

from __future__ import annotations

import ast

import pytest

from registry_app.inference.code.cells import cell


@pytest.mark.parametrize(
    ("source", "code", "commands"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1", ["matplotlib inline"]),
        ("% matplotlib inline\nx = 1", "\nx = 1", ["matplotlib inline"]),
        ("%time net.fit(x)", "net.fit(x)", []),
        ("  %timeit net.fit(x)", "net.fit(x)", []),
        ("%timeit -n 3 net.fit(x)", "", ["timeit -n 3 net.fit(x)"]),
        ("seen = %time net.fit(x)", "seen = net.fit(x)", []),
        ("files = !ls data\nprint(files)", "files = None\nprint(files)", ["ls data"]),
        ("net.fit?\nnet.fit(x)", "\nnet.fit(x)", []),
        ("    net.fit(x)\n    net.save(y)", "net.fit(x)\nnet.save(y)", []),
        ("if new:\n    !pip install kit", "if new:\n    pass", ["pip install kit"]),
        ("!python a.py \\\n  --b 3\nx = 1", "\n\nx = 1", ["python a.py --b 3"]),
        ("a = !python a.py \\\n  --b 3\nx = 1", "a = None\n\nx = 1", ["python a.py --b 3"]),
        ("pip install kit\nx = 1", "\nx = 1", []),
        ("pip = install(kit)", "pip = install(kit)", []),
        ("%run -i train", "", ["run train.py"]),
        ("%run ../a.py --b 3", "", ["run ../a.py --b 3"]),
        ("text = ('%d'\n  % count)", "text = ('%d'\n  % count)", []),
        ("share = part %whole", "share = part %whole", []),
        ("%%bash\npython a.py", "", ["python a.py"]),
        ("%%time\nnet.fit(x)", "\nnet.fit(x)", ["%time"]),
        ("", "", []),
    ],
)
def test_a_cell_is_python_and_its_commands(source: str, code: str, commands: list[str]) -> None:
    assert cell(source) == (code, commands)
    ast.parse(code)

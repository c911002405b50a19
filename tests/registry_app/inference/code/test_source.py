"""Script files become text and tree, whatever their authors saved them as."""

from __future__ import annotations

import ast
import json

import pytest

from registry_app.inference.code.source import decode, read_source
from registry_app.messages import joined


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("이름 = '안전모'".encode(), "utf-8"),
        ("이름 = '안전모'".encode("utf-8-sig"), "utf-8-sig"),
        ("# -*- coding: cp949 -*-\n이름 = '안전모'".encode("cp949"), "cp949"),
        ("이름 = '안전모'".encode("cp949"), "cp949"),
    ],
)
def test_korean_is_read_in_every_encoding_of_the_house(data: bytes, encoding: str) -> None:
    text, found = decode(data)
    assert "안전모" in text
    assert found == encoding


def test_bytes_of_no_encoding_are_still_some_text() -> None:
    assert decode(b"x = 1  # \xff\xff\x80")[0].startswith("x = 1")


def test_other_encodings_are_reported() -> None:
    source = read_source("train.py", "# 학습".encode("cp949"))
    assert joined(source.warnings) == "read as cp949, not as UTF-8"


def test_a_script_of_python_2_is_read_and_says_why_it_cannot_start() -> None:
    source = read_source("old.py", b"import sys\nprint 'epoch', 1\n")
    assert [call.lineno for call in source.calls("print")] == [2]
    assert str(source.warnings[0]).startswith("line 2: not Python 3 syntax")


def test_an_exported_notebook_is_read_without_its_broken_cells() -> None:
    text = "# In[1]:\n\ncd/data/The Yard\n\n# In[2]:\n\ngo(1)\n"
    source = read_source("yard.py", text.encode())
    assert [call.lineno for call in source.calls("go")] == [7]
    assert source.warnings
    assert read_source("yard.py", text.replace("# In", "# Of").encode()).tree is None
    mixed = read_source("yard.py", b"!ls\n# In[2]:\ngo(2)\n# In[3]:\ngo(3\n")
    assert [call.lineno for call in mixed.calls("go")] == [3]


def test_null_bytes_and_endless_nesting_are_warnings() -> None:
    assert read_source("a.py", b"x = 1\0").tree is None
    assert read_source("a.py", b"(" * 100_000).tree is None


def test_windows_line_ends_keep_their_line_numbers() -> None:
    tree = read_source("train.py", b"a = 1\r\n\r\nb = 2\r\n").tree
    assert tree is not None
    assert [node.lineno for node in tree.body if isinstance(node, ast.Assign)] == [1, 3]


def test_a_notebook_is_its_code_without_its_magic() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 학습"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1\n", "!python train.py"]},
        {"cell_type": "code", "source": "broken ("},
        {"cell_type": "code", "source": ["%%bash\n", "yolo train data=a.yaml\n"]},
        {"cell_type": "code", "source": ["model.train(epochs=3)"]},
    ]
    source = read_source("a.ipynb", json.dumps({"cells": cells}).encode())
    assert source.tree is not None
    assert "model.train" in source.text
    assert "broken" not in source.text
    assert "python train.py" in source.commands
    assert "yolo train data=a.yaml" in source.commands


def test_a_script_that_was_pasted_from_a_notebook_is_read_without_its_magic() -> None:
    source = read_source("learn.py", b"!pip install a\nfor x in y:\n    %time\n    go(x)\n")
    assert source.tree is not None
    assert [call.lineno for call in source.calls("go")] == [4]
    assert source.commands == ("pip install a", "time")
    assert source.warnings  # Python cannot start it
    broken = read_source("learn.py", b"!pip install a\ngo(\n")
    assert (broken.tree, broken.commands) == (None, ())


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [3]}', "{" * 10_000])
def test_what_is_no_notebook_is_a_warning(text: str) -> None:
    assert joined(read_source("a.ipynb", text.encode()).warnings) == "not a readable notebook"


@pytest.mark.parametrize("codec", ["undefined", "punycode", "no-such-codec", "rot13", "idna"])
def test_a_codec_that_cannot_read_its_file_is_one_warning(codec: str) -> None:
    source = read_source("a.py", f'# coding: {codec}\nNAMES = ["안전모"]\n'.encode())
    assert "안전모" in source.text
    assert len(source.warnings) <= 1

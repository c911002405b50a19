"""Sentences that an older version stored are read as codes and values, once."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

migration = importlib.import_module("registry_app.migrations.0012_read_sentences_as_messages")


@pytest.mark.parametrize(
    ("sentence", "messages"),
    [
        ("", []),
        ("calls fit in line 3", [["calls", {"name": "fit", "line": 3}]]),
        (
            "the only train script; calls backward in line 41",
            [["only_one", {"kind": "train"}], ["calls", {"name": "backward", "line": 41}]],
        ),
        ("key “names; ids” of a YAML file", [["key_of_yaml", {"key": "names; ids"}]]),
        (
            "calls fit in line 34; its name speaks of train",
            [["calls", {"name": "fit", "line": 34}], ["name_speaks_of", {"kind": "train"}]],
        ),
        (
            "starts train.py; its name speaks of train",
            [["starts", {"script": "train.py"}], ["name_speaks_of", {"kind": "train"}]],
        ),
        ("starts a; b.py", [["starts", {"script": "a; b.py"}]]),
        (
            "highest version among 2 train scripts; next: train_v1.py, train_v0.py (+2)",
            [
                ["highest_version", {"count": 2, "kind": "train"}],
                ["runners_up", {"paths": "train_v1.py, train_v0.py (+2)"}],
            ],
        ),
        ("the last word of the name", [["last_word", {}]]),
        ("지우 wrote <this>; a note says so", [["text", "지우 wrote <this>"], ["note", {}]]),
    ],
)
def test_reasons(sentence: str, messages: list[Any]) -> None:
    assert migration.as_reasons(sentence) == messages
    assert "; ".join(migration.sentence_of(item) for item in messages) == sentence


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("read as cp949, not as UTF-8", ["read_as", {"encoding": "cp949"}]),
        (
            "donghwa: scripts/a.py: line 4: no Python 3 syntax (x: y)",
            ["no_python", {"line": 4, "problem": "x: y"}, "donghwa: scripts/a.py"],
        ),
        ("a: b: <c>", ["text", "a: b: <c>"]),
    ],
)
def test_warnings(sentence: str, message: list[Any]) -> None:
    assert migration.as_remark(sentence) == message
    assert migration.sentence_of(message) == sentence

"""Names that MLflow takes: distinct, and those that it takes already unchanged."""

from __future__ import annotations

import re

import pytest

from runs_app.tracking.metric_keys import Keys, clean_key, keys_of


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("metrics/mAP50(B)", "metrics/mAP50B"),
        ("  train/box_loss  ", "train/box_loss"),
        ("정확도 (%)", "정확도"),
        ("a//b/../c/./d", "a/c/d"),
        ("../../etc/passwd", "etc/passwd"),
        ("/a/", "a"),
        ("loss:0", "loss:0"),
        ("a\nb\0c", "abc"),
        ("()", ""),
        ("..", ""),
        ("", ""),
        ("x" * 300, "x" * 250),
        ("x" * 248 + "/.../y", "x" * 248),
        ("x/" * 200, "/".join(["x"] * 125)),
        ("..loss", "loss"),
        ("..\\..\\x/11", "x/11"),
        ("..../..", ""),
        (".hidden", ".hidden"),
    ],
)
def test_keys_are_such_as_mlflow_takes(name: str, key: str) -> None:
    assert clean_key(name) == key
    if key:
        assert re.fullmatch(r"[/\w.\- :]{1,250}", key)
        assert not key.startswith(("..", "/"))
        assert clean_key(key) == key


def test_two_names_never_have_one_key() -> None:
    names = ["mAP50(B)", "mAP50B", "mAP50[B]", "(%)", "[%]", "x" * 300, "x" * 301]
    keys = keys_of(names)
    assert keys["mAP50B"] == "mAP50B"
    assert keys["mAP50(B)"].startswith("mAP50B-")
    assert len(set(keys.values())) == len(names)
    assert all(clean_key(key) == key for key in keys.values())


def test_a_key_is_the_same_each_time() -> None:
    assert keys_of(["b(1)", "a", "b1"]) == keys_of(["b(1)", "a", "b1"])


def test_while_a_script_runs_a_name_keeps_the_key_that_it_has() -> None:
    keys = Keys()
    first = keys.key("a(1)")
    assert first == "a1"
    assert keys.key("a1") not in {"", "a1"}
    assert keys.key("a(1)") == first

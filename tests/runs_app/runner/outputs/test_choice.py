"""All but junk is saved; patterns in the settings take files in, or take only these."""

from __future__ import annotations

import pytest

from runs_app.runner.outputs import junk
from runs_app.runner.outputs.choice import ALL_BUT_JUNK, Rule
from runs_app.texts import files as texts


@pytest.mark.parametrize(
    "path", ["best.pt", "a/notes", "model.tflite2", "train.py", "a/b.so", "core.csv", "한글.결과"]
)
def test_file_of_any_kind_is_saved(path: str) -> None:
    assert Rule(junk=junk.USUAL).refusal(path, 10) is None


@pytest.mark.parametrize(
    "path",
    [
        *("core", "core.1234", "a/labels.cache", "x.lock", "a.PYC", "best.pt.tmp"),
        *(".cache/huggingface/model.safetensors", "a/.cache/b.bin", "env2/site-packages/x.py"),
        *("cache-1f.arrow", "tool.egg-info/PKG-INFO"),
    ],
)
def test_caches_environments_and_leftovers_are_not(path: str) -> None:
    refusal = Rule(junk=junk.USUAL).refusal(path, 10)
    assert refusal is not None
    assert refusal.code == texts.JUNK.code


def test_size_may_make_a_file_junk() -> None:
    rule = Rule(junk=["*.npy>5"])
    assert rule.refusal("a.npy", 5 * 2**20) is None
    assert rule.refusal("a.npy", 5 * 2**20 + 1) is not None


def test_patterns_alone_take_only_what_they_name_junk_or_not() -> None:
    rule = Rule(patterns=["*.tmp"], junk=junk.USUAL)
    assert rule.refusal("a.tmp", 1) is None
    refusal = rule.refusal("best.pt", 1)
    assert refusal is not None
    assert refusal.code == texts.OTHER_KIND.code


def test_patterns_that_are_added_take_junk_and_data() -> None:
    rule = Rule(patterns=[ALL_BUT_JUNK, "*.tmp", "*.npz"], junk=junk.USUAL, is_data=True)
    assert rule.refusal("a.tmp", 1) is None
    assert rule.refusal("a.npz", 1) is None
    assert rule.refusal("a.lock", 1) is not None
    assert rule.refusal("a.jpg", 1) is not None

"""How the signs in a script's code are weighed up."""

from __future__ import annotations

from collections import Counter

from registry_app.choices import EntryPointType
from registry_app.inference.purpose.evidence.weights import settled, summed
from registry_app.inference.purpose.signs import Sign

TRAIN, INFER, EVAL = EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.EVAL


def sign(kind: EntryPointType, points: int, name: str) -> Sign:
    return Sign(kind=kind, points=points, name=name, path="a.py", line=1)


def test_the_same_call_counts_once_and_no_type_grows_beyond_measure() -> None:
    same = [sign(TRAIN, 3, "fit")] * 5
    many = [sign(INFER, 3, f"call{number}") for number in range(9)]
    assert summed([*same, *many]) == Counter({TRAIN: 3, INFER: 6})


def test_what_every_use_of_a_model_calls_counts_little() -> None:
    names = ("eval", "no_grad", "load_state_dict", "inference_mode")
    assert summed(sign(INFER, 1, name) for name in names) == Counter({INFER: 2})


def test_a_sure_type_takes_what_it_does_on_its_way() -> None:
    points = Counter({TRAIN: 4, INFER: 6, EVAL: 3})
    assert settled(points, {TRAIN, INFER, EVAL}) == Counter({TRAIN: 4, INFER: 1, EVAL: 1})


def test_many_weak_signs_take_nothing() -> None:
    points = Counter({EVAL: 3, INFER: 3})
    assert settled(points, {INFER}) == points

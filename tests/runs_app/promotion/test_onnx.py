"""The metadata of ONNX files is read from their bytes, and whatever else a file is, it is data."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest

from runs_app.promotion.onnx import class_names, metadata_of
from tests.runs_app.promotion.onnx_bytes import onnx


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{0: 'headgear', 1: 'hook'}", ("headgear", "hook")),
        ("{1: 'hook', 0: 'headgear'}", ("headgear", "hook")),
        ("['안전모', 'hook']", ("안전모", "hook")),
        ("", ()),
        ("{0: 1}", ()),
        ("__import__('os').system('x')", ()),
        ("[" * 5000, ()),
    ],
)
def test_classes_are_a_list_or_numbered_names(names: str, expected: tuple[str, ...]) -> None:
    data = onnx({"author": "minsu", "names": names}, graph=b"\0" * 100_000)
    assert class_names(metadata_of(BytesIO(data))) == expected


def test_any_bytes_get_an_answer() -> None:
    random = Random(16)  # noqa: S311
    whole = onnx({"names": "['hook']"})
    for length in range(len(whole)):
        metadata_of(BytesIO(whole[:length]))
    for _time in range(2000):
        metadata_of(BytesIO(random.randbytes(random.randrange(200))))
    assert metadata_of(BytesIO(b"PK\x03\x04 a zip with a pickle")) == {}

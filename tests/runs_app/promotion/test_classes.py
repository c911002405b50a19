"""Which files state the classes of a package, and when they are those of the registry."""

from __future__ import annotations

import pickle
from io import BytesIO

import pytest

from runs_app.promotion.classes import is_same, stated_by
from tests.runs_app.promotion.onnx_bytes import onnx


class Trap:
    """Loading this pickle would end the test."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        raise_it = exit
        return raise_it, (3,)


@pytest.mark.parametrize(
    ("name", "data", "names"),
    [
        ("metadata.yaml", b"task: x\nnames:\n  0: headgear\n  1: hook\n", ("headgear", "hook")),
        ("data.yaml", b"nc: 2\nnames: [headgear, hook]\n", ("headgear", "hook")),
        ("best.onnx", onnx({"names": "{0: 'headgear'}"}), ("headgear",)),
        ("obj.names", b"headgear\nhook\n", ("headgear", "hook")),
        ("best.pt", pickle.dumps(Trap()), None),
        ("metadata.yaml", b"!!python/object/apply:os.system ['x']", None),
        ("best.onnx", b"no protobuf", None),
        ("best.bin", b"names: [hook]", None),
    ],
)
def test_only_plain_data_states_classes(
    name: str, data: bytes, names: tuple[str, ...] | None
) -> None:
    stated = stated_by(name, BytesIO(data))
    assert (stated.names if stated else None) == names


@pytest.mark.parametrize(
    ("registered", "stated", "same"),
    [
        (["headgear", "hook"], ["Headgear", " hook "], True),
        (["headgear", "hook"], ["background", "headgear", "hook"], True),
        (["headgear", "hook"], ["hook", "headgear"], False),
        (["headgear"], ["headgear", "hook"], False),
        (["배경", "안전모"], ["안전모"], True),
    ],
)
def test_order_counts_and_the_background_does_not(
    registered: list[str], stated: list[str], same: bool
) -> None:
    assert is_same(registered, stated) is same

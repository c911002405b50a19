"""An incomplete table of entry-point types stops the start and says what to add."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry_app.kinds import KIND_OF, KINDS, EntryPointKind, EntryPointType, KindWords, check

TRAIN, DEMO = KIND_OF[EntryPointType.TRAIN], KIND_OF[EntryPointType.DEMO]


@pytest.mark.parametrize(
    ("kinds", "reported"),
    [
        (KINDS[:-1], "“demo” has 0 rows in KINDS .* it needs one EntryPointKind"),
        ((*KINDS, DEMO), "“demo” has 2 rows"),
        (
            (*KINDS[:-1], replace(DEMO, implies=frozenset({EntryPointType.INFER}))),
            "“demo” implies “infer”, so it implies data too",
        ),
        (
            (*KINDS[:-1], replace(DEMO, words=replace(DEMO.words, names=((20, "show"),)))),
            "a place of their own; 20 is that of “train”",
        ),
        (
            (*KINDS[:-1], replace(DEMO, words=replace(DEMO.words, names=((50, " "),)))),
            "need words",
        ),
    ],
)
def test_an_incomplete_table_is_refused_with_its_fix(
    kinds: tuple[EntryPointKind, ...], reported: str
) -> None:
    with pytest.raises(ValueError, match=reported) as caught:
        check(kinds)
    assert "registry_app/kinds.py" in str(caught.value)


@pytest.mark.parametrize("lacking", ["action", "gpus", "needs_model", "implies", "words"])
def test_a_row_says_everything_that_is_asked_of_a_type(lacking: str) -> None:
    written = {name: getattr(TRAIN, name) for name in TRAIN.__dataclass_fields__ if name != lacking}
    with pytest.raises(TypeError, match=lacking):
        EntryPointKind(**written)


def test_words_of_a_type_need_names_and_a_sentence() -> None:
    with pytest.raises(TypeError, match="sentence"):
        KindWords(names=((1, "track"),))  # type: ignore[call-arg]


def test_types_are_written_as_their_words() -> None:
    assert EntryPointType.values == ["train", "infer", "quant", "eval", "data", "demo"]
    assert f"{EntryPointType.TRAIN} {EntryPointType('eval')!s}" == "train eval"
    assert {"train": 1}[EntryPointType.TRAIN] == 1

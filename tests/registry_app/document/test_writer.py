"""A document is always written in the same form, so that git shows only what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.document.model import (
    CustomerDocument,
    EntryPointDocument,
    ExperimentDocument,
    RegistryDocument,
    TaskDocument,
)
from registry_app.document.reader import load
from registry_app.document.writer import dump

ROOTS = [Path("/roots")]
HARD_TEXTS = [
    "1",
    "true",
    "no",
    "~",
    "null",
    "a: b",
    "#x",
    "- a",
    "'",
    '"',
    "한글 동화",
    "😀",
    " a ",
    "a" * 500,
    "a b " * 200,
    "2026-01-02",
    "1_000",
    "0x10",
    "12:30:45",
    "@x",
    "%x",
    "=",
    "<<",
    "!x",
    "&x",
    "*x",
    "\u00a0",
    "\u200b",
]


def registry(*experiments: ExperimentDocument) -> RegistryDocument:
    return RegistryDocument(experiments=experiments)


def read(text: str) -> RegistryDocument:
    return load(text.encode(), roots=ROOTS)


def test_experiments_are_sorted_and_the_file_ends_with_one_newline() -> None:
    text = dump(
        registry(ExperimentDocument(name="나", path="b"), ExperimentDocument(name="가", path="a"))
    )
    assert text == "experiments:\n  가:\n    path: a\n  나:\n    path: b\n"


def test_what_says_nothing_is_not_written() -> None:
    empty = ExperimentDocument(
        name="a",
        path="a",
        owner="",
        aliases=(),
        task=TaskDocument(type="", classes=()),
        entry_points={"train": EntryPointDocument(default="", patterns=(), parameters=())},
    )
    assert dump(registry(empty)) == "experiments:\n  a:\n    path: a\n"


def test_entry_points_stand_in_the_order_of_the_format() -> None:
    entry_points = {kind: EntryPointDocument(default="x.py") for kind in ("demo", "infer", "train")}
    text = dump(registry(ExperimentDocument(name="a", path="a", entry_points=entry_points)))
    assert text.index("train:") < text.index("infer:") < text.index("demo:")


def test_a_long_line_is_never_wrapped() -> None:
    text = dump(registry(ExperimentDocument(name="a", path="a", owner="b " * 70 + "c")))
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_a_hard_text_is_read_back_the_same(text: str) -> None:
    document = registry(
        ExperimentDocument(
            name=f"name {text}"[:190].strip() if text.isprintable() else "name",
            path="a",
            owner=text[:150],
            task=TaskDocument(classes=(f"x{text}"[:200], "b")),
            entry_points={
                "train": EntryPointDocument(
                    patterns=(f"*{text}"[:200],),
                    parameters=(Parameter(name="p", default=text, help=text, choices=(text, 1)),),
                )
            },
        )
    )
    assert read(dump(document)) == document


@pytest.mark.parametrize("notes", ["a\nb", "a\nb\n", "a\n\n", "\na", "  a\n b", "a \nb", "\ta\n"])
def test_notes_of_several_lines_are_read_back_the_same(notes: str) -> None:
    document = registry(ExperimentDocument(name="a", path="a", notes=notes))
    assert read(dump(document)) == document


def test_what_only_a_scan_knows_is_not_written() -> None:
    parameter = Parameter(
        name="a", default_expr="ROOT / 'x'", confidence="sure", source="train.py:3"
    )
    entry_points = {"train": EntryPointDocument(parameters=(parameter,))}
    text = dump(registry(ExperimentDocument(name="a", path="a", entry_points=entry_points)))
    assert text.endswith("parameters:\n        - name: a\n")


def test_customers_are_written_where_people_call_them_something() -> None:
    document = RegistryDocument(
        customers=(
            CustomerDocument(name="b", display_name="비"),
            CustomerDocument(name="a", display_name=""),
        )
    )
    assert dump(document) == "customers:\n  b:\n    display_name: 비\nexperiments: {}\n"

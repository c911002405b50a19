"""Patterns read what scripts print and what files are called, so no text may keep them busy."""

from __future__ import annotations

import ast
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from registry_app.results.logs import lines
from registry_app.results.logs.reader import LogReader
from registry_app.results.numbers import number_of
from runs_app.runner.ending import elsewhere, log_end

ROOT = Path(__file__).parents[1]
# A body that is repeated more often than this counts as repeated without end.
MANY = 10


def modules() -> Iterator[Path]:
    for package in ("portal", "registry_app", "runs_app"):
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def patterns() -> Iterator[tuple[str, str]]:
    """Yield where each pattern stands, and its text: written in place, or built at import."""
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re")), args=[ast.Constant(str(text)), *_]
                ):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", text
        if "re.compile(" not in file.read_text(encoding="utf-8"):
            continue
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if name != "registry_app.scan.reader":  # a program, which ends where it is imported
            for global_name, value in vars(import_module(name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{name}.{global_name}", value.pattern


def ambiguous(items: Any) -> Iterator[str]:
    """Yield each repeat whose body may match the same text in one go or in several.

    `(?: {2,4})+` shares n blanks in a number of ways that grows exponentially with n.
    """
    for kind, value in items:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, body = value
            if most >= MANY and can_be_one_repeat(list(body)):
                yield f"{{{least},{most}}} of {body}"
            yield from ambiguous(body)
        elif kind is op.SUBPATTERN:
            yield from ambiguous(value[3])
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from ambiguous(branch)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from ambiguous(value[1])


def can_be_one_repeat(items: list[Any]) -> bool:
    """Return whether a body may consist of a repeat of several lengths, and nothing beside it."""
    match items:
        case [(op.SUBPATTERN, (*_, body))]:
            return can_be_one_repeat(list(body))
        case [(op.BRANCH, (_, branches))]:
            return any(can_be_one_repeat(list(branch)) for branch in branches)
    for index, (kind, value) in enumerate(items):
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] != value[1] and value[1] > 1:
            others = parser.SubPattern(parser.State(), items[:index] + items[index + 1 :])
            if others.getwidth()[0] == 0:
                return True
    return False


@pytest.mark.parametrize(
    ("pattern", "is_ambiguous"),
    [(r"(?: {2,4})+x", True), (r"(\w+\s*)*$", True), (r"(?:a|b+)+", True), (r"(?:\w+ )+", False)],
)
def test_what_counts_as_ambiguous(pattern: str, is_ambiguous: bool) -> None:
    assert bool(list(ambiguous(parser.parse(pattern)))) is is_ambiguous


def test_no_pattern_repeats_a_repeat() -> None:
    found = dict(patterns())
    assert len(found) > 400
    wrong = {place: text for place, text in found.items() if list(ambiguous(parser.parse(text)))}
    assert not wrong


def of_lines() -> Iterator[tuple[str, str]]:
    """Yield the patterns for which each line of a text is a beginning."""
    for file in modules():
        if "MULTILINE" in file.read_text(encoding="utf-8"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for global_name, value in vars(import_module(name)).items():
                if isinstance(value, re.Pattern) and value.flags & re.MULTILINE:
                    yield f"{name}.{global_name}", str(value.pattern)


def test_no_pattern_of_lines_begins_with_line_ends() -> None:
    """Such a pattern tries all blank lines from each of them: a note took half a minute."""
    found = dict(of_lines())
    assert len(found) > 20
    assert not {place: text for place, text in found.items() if re.search(r"\^\\s[*+]", text)}


HOSTILE = [
    " " * 4000,
    "epoch" + " " * 4000 + "x",
    "step" + "\t \t" * 1300 + "x",
    "배치" + "\u3000" * 4000,
    "tensor(" + " " * 390,
    "[" * 4000,
    "/" * 4000,
    "saved to " + "./" * 2000,
    "  " * 1000 + "|" + " " * 2000 + "loss",
    "Traceback (most recent call last):" + " " * 4000,
    "usage: " + "a " * 2000,
    "a" * 4000,
    "0." * 2000,
    "loss: " + "1e" * 2000,
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_a_line_that_a_script_prints_is_read_at_once(text: str) -> None:
    """One of these took hours, in the process that ends the runs of everybody."""
    reader = LogReader()
    assert not [*reader.feed(f"{text}\n{text} 5\n5 {text}\n".encode()), *reader.end()]
    number_of(text[:400])
    read = log_end.lines_of(text.encode())
    log_end.tracebacks(read)
    log_end.without_ignored(read)
    elsewhere.reported_paths(read)


def test_columns_stay_where_they_are() -> None:
    line = "epoch" + " " * lines.MAX_BLANK_CHARACTERS + "3"
    assert lines.shown(line.encode()) == line
    assert lines.shown(line.replace("3", "  3").encode()) == line

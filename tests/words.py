"""Finds names in the code that are not the field's words.

    python -m tests.words          prints each such name; exit status 1 if there is one

A name is split into its words. `one` may be one of a pair: `one, other`.
"""

from __future__ import annotations

import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "registry_app", "runs_app")
# What a name should say instead.
INSTEAD = {
    "anew": "again",
    "cure": "fix, hint",
    "doorbell": "notify, enqueue",
    "nobody": "the role",
    "outlook": "snapshot",
    "said": "values, text, output",
    "somebody": "the role",
    "strangers": "other processes, other runs",
    "told": "reported, shown, notes",
    "verdict": "outcome",
    "whoever": "the role",
    "wish": "request",
    "wishes": "requests",
    "witness": "source of truth",
}
# Values of stored messages keep their names.
STORED = {"runs_app/runner/interpreter/module_specs.py": {"said"}}
# The second of a pair of equals: `one` is then a name like any other.
PAIRS = frozenset({"other", "two"})
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def names_in(file: Path) -> dict[str, int]:
    """Return each name of a file with the first line that has it."""
    found: dict[str, int] = {}
    with file.open("rb") as stream:
        for token in tokenize.tokenize(stream.readline):
            if token.type == tokenize.NAME:
                found.setdefault(token.string, token.start[0])
    return found


def problems(names: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Yield the line of each name that is not the field's word, and what to call it."""
    for name, line in names.items():
        if name == "one" and not PAIRS & names.keys():
            yield line, "one: name the thing itself"
        for word in _WORD.findall(name):
            if better := INSTEAD.get(word.lower()):
                yield line, f"{name}: better {better}"


def _own_names(file: Path) -> dict[str, int]:
    stored = STORED.get(str(file.relative_to(ROOT)), set())
    return {name: line for name, line in names_in(file).items() if name not in stored}


def main() -> int:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for app in APPS
        for file in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in file.parts
        for line, text in problems(_own_names(file))
    ]
    for text in found:
        print(text)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

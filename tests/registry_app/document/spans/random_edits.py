"""Random plans of edits for a content, with values that YAML makes difficult."""

from __future__ import annotations

import copy
import random
from typing import Any

NASTY: tuple[Any, ...] = (
    "plain", "two words", "yes", "No", "null", "~", "12:30", "1_000", "0x10", "2026-01-02", "1.5",
    "a: b", "a #b", "#a", "- a", "? a", "'", '"', "it's", 'say "x"', "back\\slash", "한글", "😀",
    " led", "trailed ", "{x}", "[y]", "*a", "&a", "!t", "%d", "@x", "`", "a,b", "tab\there",
    "\u00a0", "\u2028x", "one\ntwo", "one\ntwo\n", "one\n\nthree", "one\n two\n", " one\ntwo",
    "one\n\n\n", "\none", "# one\n# two", "one\r\ntwo", "", "x" * 200, 0, 7, 2**31 - 1, True, False,
)  # fmt: skip
WORDS = ("a", "headgear", "yes", "1", "b: c", "a, b", "한글", "#x", "'", '"', "[", "two words", "")
KEYS = {
    "path": "scalar",
    "site.customer": "scalar",
    "site.zone": "scalar",
    "task.type": "scalar",
    "task.classes": "words",
    "entry_points.train.default": "scalar",
    "entry_points.train.patterns": "words",
    "entry_points.train.parameters": "rows",
    "entry_points.train.resources.gpus": "scalar",
    "entry_points.infer.default": "scalar",
    "stage": "scalar",
    "owner": "scalar",
    "notes": "scalar",
    "aliases": "words",
}
ORDER = ("path", "site", "task", "entry_points", "stage", "owner", "notes", "aliases")
NAMES = ("new", "b", "0", "yes", "새 실험", "a: b", "x #y", "~", "12:30", "zz", "'q'", "*s")


class Plan:
    """A content after random changes, and the renaming in it."""

    def __init__(self, content: dict[str, Any], rng: random.Random, count: int) -> None:
        self.wanted = copy.deepcopy(content)
        self.renames: dict[tuple[str, ...], str] = {}
        self._rng = rng
        self._untouched = set(self.experiments)
        for _number in range(count):
            rng.choice([self._set, self._set, self._set, self._clear, self._entry])()
        if rng.random() < 0.2:
            self._rename()
        for name, entry in self.experiments.items():
            self.experiments[name] = _ordered(entry)

    @property
    def experiments(self) -> dict[str, Any]:
        found: dict[str, Any] = self.wanted["experiments"]
        return found

    def _name(self) -> str | None:
        names = [name for name, entry in self.experiments.items() if isinstance(entry, dict)]
        return self._rng.choice(names) if names else None

    def _set(self) -> None:
        name = self._name()
        if name is None:
            return
        key = self._rng.choice(list(KEYS))
        *sections, last = key.split(".")
        entry = self.experiments[name]
        for section in sections:
            entry[section] = entry.get(section) or {}
            entry = entry[section]
        entry[last] = self._value(KEYS[key], entry.get(last))

    def _value(self, kind: str, old: Any) -> Any:
        rng = self._rng
        if kind == "scalar":
            return rng.choice(NASTY)
        if kind == "words":
            words = [item for item in old or [] if rng.random() < 0.7]
            for _number in range(rng.randrange(3)):
                words.insert(rng.randint(0, len(words)), rng.choice(WORDS))
            return words
        rows = [dict(item) for item in old or [] if rng.random() < 0.8]
        for row in rows:
            if rng.random() < 0.4:
                row[rng.choice(["flag", "default", "help"])] = rng.choice(NASTY)
        if rng.random() < 0.5:
            row = {"name": rng.choice(WORDS), "choices": ["a", "b"], "default": rng.choice(NASTY)}
            rows.insert(rng.randint(0, len(rows)), row)
        return rows

    def _clear(self) -> None:
        name = self._name()
        if name is None:
            return
        entry = self.experiments[name]
        *sections, last = self._rng.choice(list(KEYS)).split(".")
        above = []
        for section in sections:
            if not isinstance(entry.get(section), dict):
                return
            above.append((entry, section))
            entry = entry[section]
        entry.pop(last, None)
        for parent, section in reversed(above):
            if not parent[section]:
                del parent[section]

    def _entry(self) -> None:
        name = self._name()
        if self._rng.random() < 0.5 and name is not None:
            del self.experiments[name]
            self._untouched.discard(name)
        else:
            self.experiments.setdefault(
                self._rng.choice(NAMES), {"path": self._rng.choice(NASTY[:30]), "notes": "a\nb\n"}
            )

    def _rename(self) -> None:
        """Rename one, or let two swap their names."""
        old = sorted(self._untouched & set(self.experiments))
        if not old:
            return
        if len(old) > 1 and self._rng.random() < 0.5:
            one, other = self._rng.sample(old, 2)
            moved = {one: other, other: one}
        else:
            one = self._rng.choice(old)
            moved = {one: next(name for name in NAMES if name not in self.experiments)}
        if any(new in self._untouched and new not in moved for new in moved.values()):
            return
        self.renames = {("experiments", old): new for old, new in moved.items()}
        self.wanted["experiments"] = {
            moved.get(name, name): entry for name, entry in self.experiments.items()
        }


def _ordered(entry: dict[str, Any]) -> dict[str, Any]:
    known = {key: entry[key] for key in ORDER if key in entry}
    return known | entry

"""The content of the files that a promotion adds to the core repository, and takes out again.

Files of the portal are written whole; the registry file and MLproject are edited in place, so
that comments, order and everything else in them stay.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry_app.document.spans.edits import differences
from registry_app.document.spans.rewrite import content_of, rewrite
from registry_app.exceptions import RegistryFileError
from registry_app.sync.errors import SyncError
from runs_app.texts import promotion as texts

SECTION = "core"
MLPROJECT = "MLproject"
ENTRIES = "entry_points"
TRAINER, CONFIG, TEST, BASE = "trainer.py", "config.json", "test_trainer.py", "gf_base.py"
_TEST = '''\
"""The trainer beside this file parses and names its experiment, and its settings can be read."""

import ast
import json
import pathlib
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
TRAINER, EXPERIMENT = {trainer!r}, {name!r}


class TrainerOfExperiment(unittest.TestCase):
    def test_one_class_is_the_trainer_of_the_experiment(self):
        tree = ast.parse((FOLDER / TRAINER).read_bytes())
        names = [
            ast.literal_eval(line.value)
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            for line in node.body
            if isinstance(line, ast.Assign)
            and isinstance(line.value, ast.Constant)
            and any(getattr(target, "id", "") == "experiment" for target in line.targets)
        ]
        self.assertEqual(names, [EXPERIMENT])

    def test_its_settings_are_a_mapping(self):
        self.assertIsInstance(json.loads((FOLDER / "config.json").read_text("utf-8")), dict)


if __name__ == "__main__":
    unittest.main()
'''


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the core section says of an experiment."""

    model: str
    version: str
    sha256: str
    trainer: str
    since: date

    def to_plain(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "version": int(self.version),
            "sha256": self.sha256,
            "trainer": self.trainer,
            "since": self.since.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Found:
    """The entry of a promoted model: under which name, and whether it says what was promoted."""

    name: str
    is_right: bool


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What a promotion adds: its entry, its trainer, and the entry points that run it.

    `file` is the name of the trainer in its folder; `trainer` and `base`, its `gf_base.py`, are
    b'' if the repository has them. `former` are names of the experiment whose entries go.
    """

    name: str
    entry: Entry
    former: tuple[str, ...] = ()
    file: str = TRAINER
    trainer: bytes = b""
    base: bytes = b""
    config: Mapping[str, Any] = field(default_factory=dict)
    entry_points: Mapping[str, Any] = field(default_factory=dict)


def added(addition: Addition, there: Mapping[str, bytes], registry: str) -> dict[str, bytes]:
    """Return the new content of each file that changes.

    `there` has the present content of the files that exist. A trainer, a base or a test that the
    repository has already is left as it is: people own them. Raises SyncError.
    """
    folder = addition.entry.trainer
    found: dict[str, bytes] = {
        registry: with_entry(
            registry,
            there.get(registry, b""),
            addition.name,
            addition.entry,
            former=addition.former,
        ),
    }
    own = {
        f"{folder}/{addition.file}": addition.trainer,
        f"{folder}/{BASE}": addition.base,
        f"{folder}/{CONFIG}": _json(addition.config),
        f"{folder}/{TEST}": _TEST.format(name=addition.name, trainer=addition.file).encode(),
    }
    found |= {path: data for path, data in own.items() if data and path not in there}
    if MLPROJECT in there:
        found[MLPROJECT] = _with_entry_points(there[MLPROJECT], addition.entry_points)
    return {path: data for path, data in found.items() if data != there.get(path)}


def without_entry(data: bytes, path: str, name: str, entry: Entry) -> bytes:
    """Return the registry file without an entry of the core section; other entries stay.

    An entry that a person has changed since is no longer the promoted one, and stays.
    """
    content = _content(path, data)
    section = dict(content.get(SECTION) or {})
    if not isinstance(section.get(name), dict) or not says(section[name], entry):
        return data
    del section[name]
    return _edited(path, data, content, {**content, SECTION: section or None})


def without_entry_points(data: bytes, names: Mapping[str, Any]) -> bytes:
    """Return MLproject without these entry points, unless one was changed since."""
    content = _content(MLPROJECT, data)
    there = dict(content.get(ENTRIES) or {})
    kept = {name: entry for name, entry in there.items() if names.get(name) != entry}
    return _edited(MLPROJECT, data, content, {**content, ENTRIES: kept})


def new_entry_points(data: bytes, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the entry points that MLproject does not have yet."""
    there = _content(MLPROJECT, data).get(ENTRIES) or {}
    return {name: entry for name, entry in wanted.items() if name not in there}


def found_in(data: bytes, path: str, name: str, promoted: Entry) -> Found | None:
    """Return what a registry file says of a promoted model, None if nothing.

    An experiment may have been renamed since: without an entry of its present name, the one that
    names its registered model is its own, whatever it is called.
    """
    section = _content(path, data).get(SECTION)
    entries = section if isinstance(section, dict) else {}
    known = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    keys = [key for key, entry in known.items() if str(entry.get("model")) == promoted.model]
    for key in (name, *sorted(keys, key=lambda key: not says(known[key], promoted))):
        if key in known:
            return Found(name=str(key), is_right=says(known[key], promoted))
    return None


def says(entry: Mapping[str, Any], promoted: Entry) -> bool:
    """Whether an entry names the promoted model, version and file."""
    return (
        str(entry.get("model")) == promoted.model
        and str(entry.get("version")) == promoted.version
        and str(entry.get("sha256")) == promoted.sha256
    )


def with_entry(
    path: str, data: bytes, name: str, entry: Entry, *, former: Collection[str] = ()
) -> bytes:
    """Return the registry file with the entry of an experiment, and without those of `former`."""
    content = _content(path, data) if data.strip() else {}
    there = dict(content.get(SECTION) or {})
    section = {key: value for key, value in there.items() if key not in former}
    section[name] = entry.to_plain()
    wanted = {**content, "experiments": content.get("experiments") or {}, SECTION: section}
    return _edited(path, data, content, wanted)


def _with_entry_points(data: bytes, wanted: Mapping[str, Any]) -> bytes:
    content = _content(MLPROJECT, data)
    there = dict(content.get(ENTRIES) or {})
    return _edited(MLPROJECT, data, content, {**content, ENTRIES: {**wanted, **there}})


def _content(path: str, data: bytes) -> dict[str, Any]:
    try:
        return content_of(data)
    except RegistryFileError as error:
        raise SyncError(texts.CORE_FILE_INVALID(file=path, problem=error.message)) from error


def _edited(path: str, data: bytes, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    after = rewrite(data, old, differences(old, new))
    for refusal in after.refusals:
        raise SyncError(
            texts.EDIT_REFUSED(file=path, line=refusal.line or 0, reason=refusal.reason)
        )
    return after.data


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(dict(value), ensure_ascii=False, indent=2) + "\n").encode()

"""What is installed for an interpreter: its version and its packages in `pip freeze` format.

The answer is cached until something is installed or removed: the key is the time and inode of the
folders in the interpreter's search path. Asking takes tenths of a second; the lookup is immediate.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runs_app.runner.interpreter import packages_child
from runs_app.runner.interpreter.module_specs import ask_child, senseless_answer

FORMAT = 1
TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The answer of an interpreter; `identity` changes whenever its packages do."""

    python: str
    implementation: str
    prefix: str
    packages: tuple[str, ...]
    identity: str


def installed(interpreter: Path, cache: Path, *, fence: Mapping[str, Any]) -> Installed:
    """Return what is installed, from the folder `cache` if that is still valid.

    The interpreter runs behind `fence`, as `isolation.fence.restrict` takes it.

    Raises InterpreterError if the interpreter does not respond; a cache that cannot be read or
    written only costs time.
    """
    entry = _entry(interpreter, cache)
    kept = _kept(entry, interpreter)
    if kept is not None:
        return kept
    answered = ask_child(interpreter, packages_child.__file__, {}, fence=fence, timeout_s=TIMEOUT_S)
    try:
        path = [str(part) for part in answered["path"]]
        found = Installed(
            python=str(answered["python"]),
            implementation=str(answered["implementation"]),
            prefix=str(answered["prefix"]),
            packages=tuple(str(line) for line in answered["packages"]),
            identity=_identity(interpreter, path),
        )
    except (KeyError, TypeError) as error:
        raise senseless_answer(interpreter) from error
    _keep(entry, {"format": FORMAT, "path": path, "installed": asdict(found)})
    return found


def remembered(interpreter: Path, cache: Path) -> Installed | None:
    """Return the cached answer of `installed`, None if it is stale; nothing is started."""
    return _kept(_entry(interpreter, cache), interpreter)


def _entry(interpreter: Path, cache: Path) -> Path:
    return cache / f"{hashlib.sha256(os.fsencode(interpreter)).hexdigest()[:32]}.json"


def _kept(entry: Path, interpreter: Path) -> Installed | None:
    try:
        row = json.loads(entry.read_text(encoding="utf-8"))
        if row["format"] != FORMAT:
            return None
        row["installed"]["packages"] = tuple(row["installed"]["packages"])
        found = Installed(**row["installed"])
        return found if found.identity == _identity(interpreter, row["path"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _identity(interpreter: Path, path: Iterable[str]) -> str:
    """Return a digest of the present state of the interpreter and its search path."""
    seen: list[Any] = [str(interpreter), os.path.realpath(interpreter)]
    looked_at = [str(interpreter), str(interpreter.parent.parent / "pyvenv.cfg"), *path]
    for folder in looked_at:
        try:
            facts = os.stat(folder)
            seen.append([folder, facts.st_mtime_ns, facts.st_ino])
        except OSError:
            seen.append([folder, None, None])
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _keep(entry: Path, row: dict[str, Any]) -> None:
    aside = entry.with_name(f"{entry.name}.{os.getpid()}")
    try:
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_text(json.dumps(row), encoding="utf-8")
        os.replace(aside, entry)
    except OSError:
        with suppress(OSError):
            aside.unlink()

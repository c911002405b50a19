"""The two sides of a comparison: the script as it was, and the trainer that replaces it."""

from __future__ import annotations

import ast
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import experiment_directory
from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.preflight import directory as preflight
from runs_app.preflight.script_choices import entry_point, script_choices
from runs_app.runner.outputs.copying import NotKeptError, opened
from runs_app.texts import parity as texts

BASES = frozenset({"BaseTrainer", "ScriptTrainer"})
BASE_FILE = "gf_base.py"
MAX_SCRIPT_BYTES = 2**20


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What is compared: two scripts of one entry-point type, as a run names them."""

    old: str
    new: str


def sides_of(experiment: Experiment, type: str, *, old: str = "", new: str = "") -> Sides:  # noqa: A002
    """Return the sides: those that are named, else the entry point's script and its trainer.

    Raises RefusedError if that leaves none or several.
    """
    entry = entry_point(experiment, type)
    default = entry.default_script if entry else ""
    offered = [choice.path for choice in script_choices(experiment, type)]
    directory = preflight.usable_directory(experiment)
    trainers = [path for path in offered if is_trainer(directory, path)]
    if not new:
        new = default if default in trainers and old != default else ""
        new = new or _only([path for path in trainers if path != old], what=texts.NEW_SIDE())
    if not old:
        others = [path for path in offered if path != new and path not in trainers]
        old = default if default in others else _only(others, what=texts.OLD_SIDE())
    if old == new:
        raise RefusedError(texts.SAME_SIDES(script=old))
    return Sides(old=old, new=new)


def hashes_of(experiment: Experiment, sides: Sides) -> dict[str, str]:
    """Return the present SHA-256 of both scripts and of the trainer's base, '' for what is gone."""
    try:
        directory = experiment_directory(experiment)
    except PathRefusedError:
        return {"script": "", "trainer": "", "gf_base": ""}
    return {
        "script": _digest(directory / sides.old),
        "trainer": _digest(directory / sides.new),
        "gf_base": _digest((directory / sides.new).with_name(BASE_FILE)),
    }


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the target of a link; '' if it cannot be read."""
    try:
        # A pipe would block without this.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return hashlib.file_digest(file, "sha256").hexdigest() if is_file else ""
    except (OSError, ValueError):
        return ""


def is_trainer(directory: Path, path: str) -> bool:
    """Whether a script defines a class of the standard interface; it is read, never imported."""
    return bool(_bases(directory, path))


def starts_script(experiment: Experiment, path: str) -> bool:
    """Whether a trainer starts an unmodified script as a process of its own."""
    return "ScriptTrainer" in _bases(preflight.usable_directory(experiment), path)


def _bases(directory: Path, path: str) -> set[str]:
    if not path.endswith(".py"):
        return set()
    try:
        with opened(directory, path) as source, os.fdopen(os.dup(source), "rb") as file:
            text = file.read(MAX_SCRIPT_BYTES)
        if not any(base.encode() in text for base in BASES):
            return set()
        tree = ast.parse(text)
    except (NotKeptError, OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {_last_name(base) for node in classes for base in node.bases}
    own = {node.name for node in classes}
    return (names & BASES) - own  # a copy of the base itself is no trainer


def _last_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _only(paths: list[str], *, what: object) -> str:
    if len(paths) == 1:
        return paths[0]
    if paths:
        raise RefusedError(texts.SEVERAL_SIDES(what=what, scripts=paths))  # type: ignore[arg-type]
    raise RefusedError(texts.NO_SIDE(what=what))  # type: ignore[arg-type]

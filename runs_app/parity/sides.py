"""The two sides of a comparison: the script as it was, and the trainer that replaces it."""

from __future__ import annotations

import ast
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Q

from registry_app.changes.known_names import former_names
from registry_app.choices import EntryPointType
from registry_app.files.core_scripts import PREFIX, is_core
from registry_app.models import CoreTrainer, Experiment
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.preflight import directory as preflight
from runs_app.preflight.script_choices import entry_point, script_choices
from runs_app.runner.outputs.copying import NotKeptError, opened
from runs_app.texts import parity as texts
from runs_app.trainers import core

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
    offered = scripts_of(experiment, type)
    trainers = [path for path in offered if is_trainer(experiment, path)]
    if not new:
        new = default if default in trainers and old != default else ""
        new = new or _only([path for path in trainers if path != old], what=texts.NEW_SIDE())
    if not old:
        others = [path for path in offered if path != new and path not in trainers]
        old = default if default in others else _old_of(experiment, new, others)
    if old == new:
        raise RefusedError(texts.SAME_SIDES(script=old))
    return Sides(old=old, new=new)


def scripts_of(experiment: Experiment, type: str) -> list[str]:  # noqa: A002
    """Return the scripts that can be compared: those of the type, and core trainers; one query."""
    offered = [choice.path for choice in script_choices(experiment, type)]
    names = [experiment.name, *experiment.aliases]
    own_names = Q(experiment_name__in=names) | Q(experiment_name__in=former_names(experiment))
    rows = CoreTrainer.objects.filter(own_names).order_by("path")
    own = [f"{PREFIX}{row.path}" for row in rows] if type == EntryPointType.TRAIN else []
    return list(dict.fromkeys([*offered, *own]))


def file_of(experiment: Experiment, script: str) -> Path:
    """Return the file of a side: in the experiment's directory, or the copy of a core trainer.

    Raises RunnerError.
    """
    if is_core(script):
        return core.file_of(core.trainer_of(experiment, script))
    return preflight.usable_directory(experiment) / script


def hashes_of(experiment: Experiment, sides: Sides) -> dict[str, str]:
    """Return the present SHA-256 of both scripts and of the trainer's base, '' for what is gone."""
    old, new = _file_if_there(experiment, sides.old), _file_if_there(experiment, sides.new)
    return {
        "script": _digest(old),
        "trainer": _digest(new),
        "gf_base": _digest(new and new.with_name(BASE_FILE)),
    }


def _file_if_there(experiment: Experiment, script: str) -> Path | None:
    try:
        return file_of(experiment, script)
    except RunnerError:
        return None


def _digest(path: Path | None) -> str:
    """Return the SHA-256 of a file, or of the target of a link; '' if it cannot be read."""
    if path is None:
        return ""
    try:
        # A pipe would block without this.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return hashlib.file_digest(file, "sha256").hexdigest() if is_file else ""
    except (OSError, ValueError):
        return ""


def is_trainer(experiment: Experiment, script: str) -> bool:
    """Whether a script defines a class of the standard interface; it is read, never imported."""
    return bool(_bases(_tree(experiment, script)))


def starts_script(experiment: Experiment, script: str) -> bool:
    """Whether a trainer starts an unmodified script as a process of its own."""
    return "ScriptTrainer" in _bases(_tree(experiment, script))


def _old_of(experiment: Experiment, new: str, others: list[str]) -> str:
    """Return the only other script, or the only one that the trainer names."""
    tree = _tree(experiment, new)
    nodes = ast.walk(tree) if tree is not None else ()
    named = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return _only([path for path in others if path in named] or others, what=texts.OLD_SIDE())


def _tree(experiment: Experiment, script: str) -> ast.Module | None:
    """Return what a trainer consists of, None for a script that cannot be one."""
    path = _file_if_there(experiment, script) if script.endswith(".py") else None
    if path is None:
        return None
    try:
        with opened(path.parent, path.name) as source, os.fdopen(os.dup(source), "rb") as file:
            text = file.read(MAX_SCRIPT_BYTES)
        is_likely = any(base.encode() in text for base in BASES)
        return ast.parse(text) if is_likely else None
    except (NotKeptError, OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bases(tree: ast.Module | None) -> set[str]:
    nodes = ast.walk(tree) if tree is not None else ()
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    names = {_last_name(base) for node in classes for base in node.bases}
    return (names & BASES) - {node.name for node in classes}  # the base itself is no trainer


def _last_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _only(paths: list[str], *, what: object) -> str:
    if len(paths) == 1:
        return paths[0]
    if paths:
        raise RefusedError(texts.SEVERAL_SIDES(what=what, scripts=paths))  # type: ignore[arg-type]
    raise RefusedError(texts.NO_SIDE(what=what))  # type: ignore[arg-type]

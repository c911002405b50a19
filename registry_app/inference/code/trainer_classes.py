"""Classes of the standard interface: `BaseTrainer` or `ScriptTrainer` is their base.

Found in the syntax tree alone; nothing is imported. A class counts if it names its experiment by a
literal: other libraries have base classes of these names too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

NATIVE, LIFTED, SCRIPT = "native", "lifted", "script"
BASES = {"BaseTrainer": NATIVE, "ScriptTrainer": SCRIPT}


@dataclass(frozen=True, kw_only=True)
class TrainerClass:
    """One class: the file with its line, its name, the experiment it names, and its kind.

    `kind` is `native`, `lifted` or `script`. `sha256` is the digest of the file, `base_sha256` that
    of the `gf_base.py` next to it; '' where unknown.
    """

    path: str
    name: str
    experiment: str
    kind: str
    line: int
    sha256: str = ""
    base_sha256: str = ""


def trainer_nodes(tree: ast.Module | None) -> Iterator[tuple[ast.ClassDef, str, str]]:
    """Yield each trainer class at the top of a module, with its experiment and its kind."""
    for node in tree.body if tree is not None else ():
        if not isinstance(node, ast.ClassDef):
            continue
        kinds = [BASES[name] for base in node.bases if (name := _last_name(base)) in BASES]
        experiment = _text(node, "experiment")
        if kinds and experiment:
            own = _text(node, "kind")
            yield node, experiment, own if own in {NATIVE, LIFTED, SCRIPT} else kinds[0]


def trainer_classes(path: str, tree: ast.Module | None) -> list[TrainerClass]:
    """Return the trainer classes of one file."""
    return [
        TrainerClass(path=path, name=node.name, experiment=experiment, kind=kind, line=node.lineno)
        for node, experiment, kind in trainer_nodes(tree)
    ]


def _last_name(base: ast.expr) -> str:
    """Return `BaseTrainer` for that name and for `gf_base.BaseTrainer`."""
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""


def _text(node: ast.ClassDef, name: str) -> str:
    """Return the literal text that a class gives to a name, '' if it gives none."""
    for statement in node.body:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign):
            targets, value = [statement.target], statement.value
        is_named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if is_named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value.strip()
    return ""

"""Find trainings without gradients: features of normal pictures are gathered and kept.

PaDiM fits a Gaussian to them, PatchCore and SPADE keep a memory bank. No optimizer steps there, and
no library has a call for it; what they share is a loop over the pictures of the training that
gathers what a network says of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.project import Project
from registry_app.inference.code.remembered import remembered
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called, walk_below
from registry_app.inference.purpose.call_graph import Reach, Unit
from registry_app.inference.purpose.script_names import TRAIN
from registry_app.inference.purpose.signs import STRONG, Sign, receiver

_GATHERING = frozenset({"append", "extend", "add", "update", "cat", "vstack", "concatenate"})
_LEARNING = frozenset({"backward", "step", "zero_grad", "minimize", "apply_gradients"})
# What makes a measure of what is normal out of features, or measures distances from it.
_KEEPING = frozenset(
    "cov LedoitWolf EmpiricalCovariance mahalanobis pinv cdist NearestNeighbors IndexFlatL2"
    " IndexFlatIP SparseRandomProjection GaussianMixture KernelDensity kneighbors"
    " roc_auc_score".split()
)
_CORESET = re.compile(r"core_?set|k_?center|memory_?bank", re.IGNORECASE)
_BANK = re.compile(r"memory_?bank|feature_?bank", re.IGNORECASE)
_STORING = frozenset({"dump", "save", "savez", "savez_compressed", "write_index"})
_OF_TRAINING = re.compile(r"(?:^|[^a-z])(?:train(?!ed)|normal(?!i[sz])|nominal)", re.IGNORECASE)
_LOADERS = ("load", "_dl", "dataset")
# What is read in batches: `range(0, len(train_paths), batch_size)`.
_LISTS = ("paths", "files", "images")
_FITTING = frozenset({"fit", "train", "training"})


def fitted_features(reach: Reach, project: Project) -> list[Sign]:
    """Return that features are fitted, by the calls that make a measure of them or gather them."""
    units = (*reach.own, *reach.others)
    if any(unit.called & _LEARNING for unit in units):
        return []
    is_kept = any(not unit.called.isdisjoint(_STORING) for unit in units)
    banked = [sign for unit in units if is_kept for sign in _banked(unit)]
    if banked or not any(_makes_measure(name) for unit in units for name in unit.called):
        return banked
    found: list[Sign] = []
    for unit in units:
        source = None if unit.called.isdisjoint(_GATHERING) else project.source(unit.path)
        gathering = _gathering(unit, source) if source is not None else None
        if gathering is not None:
            name, call = next(_keeping(unit), gathering)
            found.append(
                Sign(kind=TRAIN, points=STRONG, name=name, path=unit.path, line=call.lineno)
            )
    return found


def _banked(unit: Unit) -> Iterator[Sign]:
    """Yield that features are put into a bank that is stored: `memory_bank.append(patches)`."""
    for name, call in unit.calls if not unit.called.isdisjoint({"append", "extend"}) else ():
        if name in {"append", "extend"} and _BANK.search(receiver(call)):
            yield Sign(kind=TRAIN, points=STRONG, name=name, path=unit.path, line=call.lineno)


def _keeping(unit: Unit) -> Iterator[tuple[str, ast.Call]]:
    for name, call in unit.calls:
        if _makes_measure(name):
            yield name, call


@remembered(texts=4096, longest=200)
def _makes_measure(name: str) -> bool:
    """Whether a call of this name makes a measure of what is normal, or a bank of it."""
    return name in _KEEPING or _CORESET.search(name) is not None


def _gathering(unit: Unit, source: Source) -> tuple[str, ast.Call] | None:
    """Return the call of a unit that gathers something in a loop over a loader of the training."""
    calls = [(name, call) for name, call in unit.calls if name in _GATHERING]
    for loop in source.nodes(ast.For):
        last = loop.end_lineno or loop.lineno
        within = [(name, call) for name, call in calls if loop.lineno < call.lineno <= last]
        if within and (_CORESET.search(unit.name) or _is_of_training(loop, unit)):
            return within[0]
    return None


def _is_of_training(loop: ast.For, unit: Unit) -> bool:
    words = [node.id for node in walk_below(loop.iter) if isinstance(node, ast.Name)]
    words += [node.attr for node in walk_below(loop.iter) if isinstance(node, ast.Attribute)]
    parts = (*_LOADERS, *_LISTS) if _is_in_batches(loop) else _LOADERS
    loaders = [word for word in words if any(part in word.lower() for part in parts)]
    return any(unit.name in _FITTING or _OF_TRAINING.search(word) for word in loaders)


def gets_training_data(call: ast.Call) -> bool:
    """Whether a call is named for fitting and gets what is trained with: `net.fit(train_loader)`.

    Then it trains, also if the directory's own code behind it does so in a way of its own.
    """
    return called(call) in _FITTING and any(
        isinstance(node, ast.Name) and _OF_TRAINING.search(node.id)
        for given in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in walk_below(given)
    )


def _is_in_batches(loop: ast.For) -> bool:
    """Whether a loop goes on by more than one: `range(0, len(paths), 16)`."""
    return any(
        isinstance(node, ast.Call) and called(node) == "range" and len(node.args) > 2
        for node in walk_below(loop.iter)
    )

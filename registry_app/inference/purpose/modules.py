"""Recognise files meant to be imported, which at most run a self-test when started."""

from __future__ import annotations

import ast
import posixpath
import re
from functools import lru_cache

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.evidence.gathering import Evidence
from registry_app.inference.purpose.evidence.self_tests import (
    defines_parts,
    feeds_made_up_input,
    loads_nothing,
    only_prints_a_shape,
    only_tries_its_parts,
)
from registry_app.inference.purpose.evidence.weights import FIRM
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.script_names import (
    INFER,
    QUANT,
    TRAIN,
    is_plain_word,
    names_only_a_trial,
    plainly_named,
    type_by_name,
)
from registry_app.inference.purpose.signs import STRONG
from registry_app.kinds import EntryPointType
from registry_app.words import ScriptLaunch

# Folders of modules; files imported from there are not entry points.
MODULE_FOLDERS = frozenset(
    {"models", "utils", "util", "lib", "libs", "layers", "modules", "nets", "core", "common"}
)
_OF_NETWORKS = frozenset("model network networks backbone backbones archs architectures".split())
_ARGUMENTS = (
    *("parse_args", "parse_known_args", "sys.argv", "click.command", "typer.", "fire.Fire"),
    *("app.run", "hydra.main", "from_cli", "tyro.cli", "HfArgumentParser"),
)
_TAKES_ARGUMENTS = re.compile(rf"\b(?:{'|'.join(map(re.escape, _ARGUMENTS))})\b")
# What is done with a model once it is loaded.
_AFTER_LOADING = frozenset(
    "eval cuda cpu to half float load_state_dict load_weights requires_grad_ share_memory append"
    " insert setPreferableBackend setPreferableTarget allocate_tensors prepare filterwarnings"
    " set_grad_enabled basicConfig seed manual_seed".split()
)
# Parts of a web application; none of them runs by itself.
_ROUTERS = ("APIRouter", "Blueprint")
# These calls list the pictures of a folder.
_FOLDERS = ("glob", "rglob", "iterdir", "listdir", "scandir", "walk")
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".mp4", ".avi")
_LEARNING = ("backward", "fit", "step", "apply_gradients", "train_step", "export")
# These calls run until they are stopped, as in a robot's node.
_GOING_ON = ("spin", "run_forever", "serve_forever")
# Methods of a class that is a whole program, and calls that get the pictures for it.
_PROGRAM = ("run", "main", "mainloop", "start")


def serves_others(
    source: Source, launch: ScriptLaunch, purposes: Purposes, *, is_imported: bool
) -> bool:
    """Whether a module is meant to be imported, and only runs a self-test when started.

    What serves others if no script of the directory imports it also does if one does.
    """
    if source.tree is None:
        return is_imported
    evidence = purposes.evidence(source)
    if launch is ScriptLaunch.TOP_LEVEL:
        is_weak = max(evidence.own.values(), default=0) < STRONG
        return is_imported and (is_weak or bool(source.calls(*_ROUTERS)) or _only_loads(source))
    if launch is not ScriptLaunch.MAIN_GUARD:
        return False
    if only_tries_its_parts(source):
        return True
    if only_prints_a_shape(source) and type_by_name(source.path) is not INFER:
        return True
    is_trial = _only_traces(source) or (is_imported and feeds_made_up_input(source))
    if any(_works(evidence, kind) for kind in (TRAIN, QUANT)) and not is_trial:
        return False  # a self-test does not train
    named = plainly_named(source.path)
    if named is TRAIN and (evidence.borrowed[TRAIN] > 0 or is_plain_word(source.path)):
        return False  # `train_stage5.py` sets the options of a training that is elsewhere
    if named is INFER and evidence.all_own[INFER] >= FIRM:
        return False  # it runs the model itself and is named for it
    if names_only_a_trial(source.path) and evidence.all_own[INFER] >= STRONG:
        return False  # so does `test.py`, whose parts others may use
    if source.calls(*_GOING_ON):
        return False
    if _takes_arguments(source.text):
        return _is_of_network(source) or (is_imported and _is_in_module_folder(source.path))
    if posixpath.basename(source.path) == "main.py" and _looks_at_pictures(source, evidence):
        return False  # other files call what a user starts
    return is_imported or (
        _is_named_like_its_class(source)
        and not _looks_at_pictures(source, evidence)
        and not _runs_its_class(source, evidence)
    )


def _only_loads(source: Source) -> bool:
    """Whether a module loads a model for those that import it: `net = load(a)`, `net.eval()`."""
    body = source.tree.body if source.tree is not None else []
    return any(isinstance(statement, ast.FunctionDef) for statement in body) and all(
        called(statement.value) in _AFTER_LOADING
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        else not isinstance(statement, ast.For | ast.While | ast.With)
        for statement in body
    )


@lru_cache(maxsize=2)  # each script is asked twice
def _takes_arguments(text: str) -> bool:
    # Searching for each word is faster than for all in a text that has none of them.
    return any(word in text for word in _ARGUMENTS) and bool(_TAKES_ARGUMENTS.search(text))


def _works(evidence: Evidence, kind: EntryPointType) -> bool:
    """Whether code is certain to do the work itself, or uses other modules enough for it."""
    own = evidence.own[kind]
    return own >= STRONG or (own >= FIRM and evidence.borrowed[kind] > 0)


def _is_of_network(source: Source) -> bool:
    """Whether a file defines parts of a network in a folder of such: `model/unet.py`."""
    folders = re.split(r"[\W_]+", posixpath.dirname(source.path).lower())
    is_there = _is_in_module_folder(source.path) or not _OF_NETWORKS.isdisjoint(folders)
    return is_there and defines_parts(source, at_least=2)


def _only_traces(source: Source) -> bool:
    """Whether a module of a network traces it at most, and there are no weights to export."""
    return _is_of_network(source) and loads_nothing(source) and not source.calls(*_LEARNING)


def _is_in_module_folder(path: str) -> bool:
    return any(folder.lower() in MODULE_FOLDERS for folder in path.split("/")[:-1])


def _looks_at_pictures(source: Source, evidence: Evidence) -> bool:
    """Whether a model sees a folder of pictures, or one that is named: that is more than a test."""
    if evidence.all_own[INFER] < STRONG:
        return False
    return bool(source.calls(*_FOLDERS)) or any(
        isinstance(constant.value, str) and constant.value.lower().endswith(_PICTURES)
        for constant in source.nodes(ast.Constant)
    )


def _runs_its_class(source: Source, evidence: Evidence) -> bool:
    """Whether a file's class is a program with a model that is run: `YardCamera().run()`."""
    if max(evidence.all_own[INFER], evidence.borrowed[INFER]) < FIRM or not evidence.looks:
        return False
    names = _named_like(source)
    made = {
        target.id
        for node in source.nodes(ast.Assign)
        if isinstance(node.value, ast.Call) and called(node.value) in names
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in source.calls(*_PROGRAM):
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name))) if name in names:
                return True
            case ast.Attribute(value=ast.Name(id=name)) if name in made:
                return True
    return False


def _is_named_like_its_class(source: Source) -> bool:
    return bool(_named_like(source))


def _named_like(source: Source) -> set[str]:
    """Return the class that a file is named after: `FaceDetector` in `face_detector.py`."""
    stem = posixpath.splitext(posixpath.basename(source.path))[0].replace("_", "").lower()
    body = source.tree.body if source.tree is not None else []
    return {
        statement.name
        for statement in body
        if isinstance(statement, ast.ClassDef) and statement.name.lower() == stem
    }

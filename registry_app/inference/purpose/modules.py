"""Files that are there to be imported, and at most try themselves out when they are started."""

from __future__ import annotations

import ast
import posixpath
import re

from registry_app.choices import EntryPointType, ScriptLaunch
from registry_app.inference.code.source import Source
from registry_app.inference.purpose.code_evidence import FIRM, Evidence
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.script_names import QUANT, TRAIN
from registry_app.inference.purpose.signs import STRONG

# Modules live here; what is imported from there is started by nobody.
MODULE_FOLDERS = frozenset(
    {"models", "utils", "util", "lib", "libs", "layers", "modules", "nets", "core", "common"}
)
_TAKES_ARGUMENTS = re.compile(
    r"\b(?:parse_args|parse_known_args|sys\.argv|click\.command|typer\.|fire\.Fire|app\.run"
    r"|hydra\.main|from_cli|tyro\.cli|HfArgumentParser)\b"
)
# Whose classes are parts of a network: `class Detect(nn.Module)`, `class Conv(keras.layers.Layer)`.
_PARTS = frozenset({"Module", "Layer", "Model", "LightningModule", "HybridBlock"})
# A web application is put together of these; none of them runs by itself.
_ROUTERS = ("APIRouter", "Blueprint")
# Who calls one of these goes on until somebody ends it, as a node of a robot does.
_GOING_ON = ("spin", "run_forever", "serve_forever")


def serves_others(source: Source, launch: ScriptLaunch, purposes: Purposes) -> bool:
    """Whether a module is there to be imported, and only tries itself out when it is started."""
    evidence = purposes.evidence(source)
    is_imported = bool(purposes.project.importers(source.path))
    if launch is ScriptLaunch.TOP_LEVEL:
        is_weak = max(evidence.own.values(), default=0) < STRONG
        return is_imported and (is_weak or bool(source.calls(*_ROUTERS)))
    if launch is not ScriptLaunch.MAIN_GUARD:
        return False
    if any(_works(evidence, kind) for kind in (TRAIN, QUANT)):
        return False  # nobody trains just to try a module out
    if source.calls(*_GOING_ON):
        return False
    if _TAKES_ARGUMENTS.search(source.text):
        return (is_imported or _defines_network(source)) and _lies_with_modules(source.path)
    return is_imported or _is_named_like_its_class(source)


def _works(evidence: Evidence, kind: EntryPointType) -> bool:
    """Whether code surely does something itself, or goes far enough with what others do for it."""
    own = evidence.own[kind]
    return own >= STRONG or (own >= FIRM and evidence.borrowed[kind] > 0)


def _lies_with_modules(path: str) -> bool:
    return any(folder.lower() in MODULE_FOLDERS for folder in path.split("/")[:-1])


def _defines_network(source: Source) -> bool:
    """Whether a file defines parts of a network, which others put together."""
    bases = [base for node in source.nodes(ast.ClassDef) for base in node.bases]
    names = [
        one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in bases
    ]
    return sum(name in _PARTS for name in names) > 1


def _is_named_like_its_class(source: Source) -> bool:
    """Whether a file is there for one class: `FaceDetector` in `face_detector.py`."""
    stem = posixpath.splitext(posixpath.basename(source.path))[0].replace("_", "").lower()
    body = source.tree.body if source.tree is not None else []
    return any(isinstance(one, ast.ClassDef) and one.name.lower() == stem for one in body)

"""Which modules a script needs that its directory does not hold, told without importing any.

    for one in needed_modules(project, "train.py"):
        one.name, one.source, one.is_certain

Modules of the directory are followed, so what `train.py` needs includes what its `utils.py` does.
"""

from __future__ import annotations

import ast
import posixpath
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import PYTHON

# Modules whose distribution has another name.
DISTRIBUTIONS: dict[str, str] = {
    "Crypto": "pycryptodome", "PIL": "pillow", "attr": "attrs", "bs4": "beautifulsoup4",
    "cv2": "opencv-python", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "fitz": "PyMuPDF", "git": "GitPython", "jwt": "PyJWT", "kafka": "kafka-python",
    "paddle": "paddlepaddle", "serial": "pyserial", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "telegram": "python-telegram-bot", "usb": "pyusb",
    "yaml": "PyYAML", "zmq": "pyzmq",
}  # fmt: skip
WELL_KNOWN = frozenset(DISTRIBUTIONS) | frozenset(
    "detectron2 keras matplotlib mlflow mmcv mmdet nncf numpy onnx onnxruntime openvino paddle"
    " pandas scipy seaborn tensorboard tensorflow tensorrt tflite_runtime torch torchvision tqdm"
    " ultralytics wandb".split()
)
# A hosted notebook brings it, and nothing else does.
_NOT_INSTALLED = ("google.colab",)
_CATCHES_IMPORT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, kw_only=True)
class NeededModule:
    """A top-level module that is not in the directory.

    `is_certain`: every start of the script imports it, and nothing catches that it is missing.
    `is_standard`: Python's own, of the version that the portal runs on.
    """

    name: str
    source: str
    is_certain: bool

    @property
    def is_standard(self) -> bool:
        return self.name in sys.stdlib_module_names

    @property
    def distribution(self) -> str:
        """What `pip install` calls it, as far as is known."""
        return DISTRIBUTIONS.get(self.name, self.name)


def needed_modules(project: Project, *paths: str) -> tuple[NeededModule, ...]:
    """Return what the scripts at `paths` need, certain ones first, each group by name.

    A name that any file or folder of the directory has counts as the directory's own, wherever
    that lies: scripts bend `sys.path` in too many ways to tell what they would find.
    """
    own = _own_names(project)
    found: dict[str, NeededModule] = {}
    seen: dict[str, bool] = {}
    waiting = [(path, True) for path in reversed(paths)]
    while waiting:
        current, is_certain = waiting.pop()
        if seen.get(current, False) or (current in seen and not is_certain):
            continue
        seen[current] = is_certain
        source = project.source(current)
        if source is None or source.tree is None:
            continue
        for one in _imports(source.tree.body, is_certain=is_certain):
            for name, inside in _meant(project, current, one.node):
                waiting += [(target, one.is_certain) for target in inside]
                if name and not inside and name not in own:
                    where = f"{current}:{one.node.lineno}"
                    _note(found, NeededModule(name=name, source=where, is_certain=one.is_certain))
    return tuple(sorted(found.values(), key=lambda one: (not one.is_certain, one.name.lower())))


@dataclass(frozen=True, kw_only=True)
class _Statement:
    node: ast.Import | ast.ImportFrom
    is_certain: bool


def _imports(body: list[ast.stmt], *, is_certain: bool) -> Iterator[_Statement]:
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield _Statement(node=node, is_certain=is_certain)
            case ast.Try(body=tried, handlers=handlers, orelse=orelse, finalbody=finalbody):
                caught = any(_catches(handler) for handler in handlers)
                yield from _imports(tried, is_certain=is_certain and not caught)
                for handler in handlers:
                    yield from _imports(handler.body, is_certain=False)
                yield from _imports([*orelse, *finalbody], is_certain=is_certain and not caught)
            case ast.If(test=test, body=inner, orelse=orelse):
                if not _is_for_types_only(test):
                    starts = is_certain and _is_main_guard(test)
                    yield from _imports(inner, is_certain=starts)
                yield from _imports(orelse, is_certain=False)
            case ast.With(body=inner) | ast.AsyncWith(body=inner):
                yield from _imports(inner, is_certain=is_certain)
            case ast.ClassDef(body=inner):
                yield from _imports(inner, is_certain=is_certain)
            case ast.FunctionDef(body=inner) | ast.AsyncFunctionDef(body=inner):
                yield from _imports(inner, is_certain=False)
            case ast.For(body=inner, orelse=orelse) | ast.While(body=inner, orelse=orelse):
                yield from _imports([*inner, *orelse], is_certain=False)


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in _CATCHES_IMPORT for one in named)


def _is_for_types_only(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.Constant(value=False):
            return True
    return False


def _is_main_guard(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare):
        return False
    sides = (test.left, *test.comparators)
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def _meant(
    project: Project, path: str, node: ast.Import | ast.ImportFrom
) -> Iterator[tuple[str, list[str]]]:
    """Yield the top-level names of an import of `path`, each with the files of the directory."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            target = project.module(path, alias.name)
            top = "" if alias.name.startswith(_NOT_INSTALLED) else alias.name.partition(".")[0]
            yield top, [target] if target else []
        return
    module = node.module or ""
    dotted = [f"{module}.{one.name}" if module else one.name for one in node.names]
    targets = [project.module(path, name, level=node.level) for name in (module, *dotted)]
    is_elsewhere = node.level or module == "__future__" or module.startswith(_NOT_INSTALLED)
    top = "" if is_elsewhere else module.partition(".")[0]
    yield top, [one for one in dict.fromkeys(targets) if one and one != path]


def _own_names(project: Project) -> frozenset[str]:
    """Return the names that Python files, and folders with some, give to modules.

    A lone file named like a well-known library (`export/onnx.py`) is not taken for it.
    """
    files = [path for path in project.paths if path.endswith(PYTHON)]
    packages = {
        posixpath.basename(posixpath.dirname(path))
        for path in files
        if path.endswith("/__init__.py")
    }
    folders = {posixpath.basename(posixpath.dirname(path)) for path in files}
    modules = {posixpath.basename(path).removesuffix(PYTHON[0]) for path in files}
    return frozenset(packages | ((folders | modules) - WELL_KNOWN))


def _note(found: dict[str, NeededModule], needed: NeededModule) -> None:
    known = found.get(needed.name)
    if known is None or (needed.is_certain and not known.is_certain):
        found[needed.name] = needed

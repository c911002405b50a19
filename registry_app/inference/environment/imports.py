"""Find the modules that a script needs and its directory lacks, without importing any.

    for one in needed_modules(project, "train.py"):
        one.name, one.source, one.is_certain

Modules of the directory are followed, so the needs of `train.py` include those of its `utils.py`.
"""

from __future__ import annotations

import ast
import posixpath
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import PYTHON, Source

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
# Only a hosted notebook provides it.
_NOT_INSTALLED = ("google.colab",)
# The other statements, which are most, hold no imports.
_HOLDING_IMPORTS = frozenset(
    {
        ast.Import, ast.ImportFrom, ast.Try, ast.If, ast.With, ast.AsyncWith, ast.ClassDef,
        ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.While,
    }
)  # fmt: skip
_CATCHES_IMPORT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, kw_only=True)
class NeededModule:
    """A top-level module that is not in the directory.

    `is_certain`: every start of the script imports it, and no code handles its absence.
    `is_standard`: part of the standard library of the portal's Python version.
    """

    name: str
    source: str
    is_certain: bool

    @property
    def is_standard(self) -> bool:
        return self.name in sys.stdlib_module_names

    @property
    def distribution(self) -> str:
        """Its name for `pip install`, as far as known."""
        return DISTRIBUTIONS.get(self.name, self.name)


def needed_modules(project: Project, *paths: str) -> tuple[NeededModule, ...]:
    """Return the modules that the scripts at `paths` need, certain ones first, then by name.

    A name of any file or folder in the directory counts as the directory's own, wherever it is:
    scripts change `sys.path` in too many ways to predict what they would find.
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
        for statement in project.found(import_statements, current) or ():
            is_sure = is_certain and statement.is_certain
            for name, inside in _meant(project, current, statement):
                waiting += [(target, is_sure) for target in inside]
                if name and not inside and name not in own:
                    where = f"{current}:{statement.line}"
                    _note(found, NeededModule(name=name, source=where, is_certain=is_sure))
    return tuple(
        sorted(found.values(), key=lambda module: (not module.is_certain, module.name.lower()))
    )


def reached(project: Project, *paths: str) -> Iterator[Source]:
    """Yield the scripts at `paths` and every module of the directory that they import, once."""
    waiting, seen = list(paths), set(paths)
    while waiting:
        source = project.source(waiting.pop())
        if source is None:
            continue
        yield source
        for node in source.nodes(ast.Import, ast.ImportFrom):
            for _name, inside in _meant(project, source.path, _Statement.of(node)):
                waiting += [path for path in inside if path not in seen]
                seen.update(inside)


class _Statement(NamedTuple):
    """An import: `names` of modules for `import a.b`, else those that it takes from `module`."""

    names: tuple[str, ...]
    module: str | None
    level: int
    line: int
    is_certain: bool

    @classmethod
    def of(cls, node: ast.Import | ast.ImportFrom, *, is_certain: bool = True) -> _Statement:
        names = tuple(alias.name for alias in node.names)
        module, level = None, 0
        if isinstance(node, ast.ImportFrom):
            module, level = node.module or "", node.level
        return cls(names=names, module=module, level=level, line=node.lineno, is_certain=is_certain)


def import_statements(source: Source) -> tuple[_Statement, ...]:
    """Return the imports of a script; certain are those that every start of it makes."""
    body = source.tree.body if source.tree is not None else []
    direct = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    if len(direct) == len(source.nodes(ast.Import)) + len(source.nodes(ast.ImportFrom)):
        return tuple(_Statement.of(node) for node in direct)  # most scripts have no others
    return tuple(_imports(body, is_certain=True))


def _imports(body: list[ast.stmt], *, is_certain: bool) -> Iterator[_Statement]:
    for node in body:
        if node.__class__ not in _HOLDING_IMPORTS:
            continue
        match node:
            case ast.Import() | ast.ImportFrom():
                yield _Statement.of(node, is_certain=is_certain)
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
    return any(isinstance(node, ast.Name) and node.id in _CATCHES_IMPORT for node in named)


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


def _meant(project: Project, path: str, statement: _Statement) -> Iterator[tuple[str, list[str]]]:
    """Yield the top-level names imported in `path`, each with the directory's matching files."""
    module = statement.module
    if module is None:
        for name in statement.names:
            target = project.module(path, name)
            top = "" if name.startswith(_NOT_INSTALLED) else name.partition(".")[0]
            yield top, [target] if target else []
        return
    dotted = [f"{module}.{name}" if module else name for name in statement.names]
    targets = [project.module(path, name, level=statement.level) for name in (module, *dotted)]
    is_elsewhere = statement.level or module == "__future__" or module.startswith(_NOT_INSTALLED)
    top = "" if is_elsewhere else module.partition(".")[0]
    yield top, [target for target in dict.fromkeys(targets) if target and target != path]


def _own_names(project: Project) -> frozenset[str]:
    """Return the module names of Python files, and of folders that contain some.

    A single file named like a well-known library (`export/onnx.py`) does not count.
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

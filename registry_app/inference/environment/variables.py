"""Find the environment variables that a script reads without a default, without running it.

An unset variable ends a script at `os.environ["PPE_DATA"]` or `int(os.getenv("EPOCHS"))`.
Variables that the code tests, sets or expects to be missing are skipped, and so are scripts that
read their variables from a file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.environment.imports import reached

# Set by the launcher of a script, or by a process launcher for each of its processes.
_USUAL = frozenset(
    "HOME PATH USER LOGNAME LANG SHELL PWD TERM TMPDIR HOSTNAME RANK LOCAL_RANK WORLD_SIZE"
    " MASTER_ADDR MASTER_PORT CUDA_VISIBLE_DEVICES".split()
)
_CATCHES = frozenset({"KeyError", "LookupError", "Exception", "BaseException"})
_FROM_A_FILE = ("load_dotenv", "dotenv_values", "read_env")
_ASKING = ("get", "getenv")
_SETTING = frozenset({"setdefault", "putenv", "pop"})


@dataclass(frozen=True, kw_only=True)
class NeededVariable:
    """A variable that must be set, with the place of its first use."""

    name: str
    path: str
    line: int


def variables_of(source: Source) -> tuple[NeededVariable, ...]:
    """Return the variables that one file reads without a default, by line."""
    if source.tree is None or ("environ" not in source.text and "getenv" not in source.text):
        return ()
    if source.calls(*_FROM_A_FILE):
        return ()
    cared_for = set(_cared_for(source)) | _USUAL
    found: dict[str, int] = {}
    for name, line in sorted(_read(source), key=lambda pair: pair[1]):
        if name not in cared_for:
            found.setdefault(name, line)
    return tuple(
        NeededVariable(name=name, path=source.path, line=line) for name, line in found.items()
    )


def needed_variables(project: Project, path: str) -> tuple[NeededVariable, ...]:
    """Return the variables that a script or its imported modules read without a default."""
    found: dict[str, NeededVariable] = {}
    for source in reached(project, path):
        for variable in variables_of(source):
            found.setdefault(variable.name, variable)
    return tuple(found.values())


def _read(source: Source) -> Iterator[tuple[str, int]]:
    for node in source.nodes(ast.Subscript):
        if _is_environment(node.value) and isinstance(node.ctx, ast.Load):
            yield from _named(node.slice)
    for call in source.nodes(ast.Call):
        if called(call) not in _ASKING:  # a value passed on directly must exist
            for argument in call.args:
                yield from _lookups(argument)
    for operation in source.nodes(ast.BinOp):
        yield from _lookups(operation.left)
        yield from _lookups(operation.right)


def _lookups(node: ast.expr) -> Iterator[tuple[str, int]]:
    """Yield the name in `os.getenv("X")` and `os.environ.get("X")` without a default."""
    if (
        isinstance(node, ast.Call)
        and _is_lookup(node)
        and len(node.args) == 1
        and not node.keywords
    ):
        yield from _named(node.args[0])


def _is_lookup(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="getenv") | ast.Attribute(attr="getenv"):
            return True
        case ast.Attribute(attr="get", value=value):
            return _is_environment(value)
    return False


def _cared_for(source: Source) -> Iterator[str]:
    """Yield the names that the code sets, tests, or expects to be missing."""
    nodes = (*_set(source), *_tested(source), *_expected_to_lack(source))
    yield from (name for node in nodes for name, _line in _named(node))


def _set(source: Source) -> Iterator[ast.expr | None]:
    for node in source.nodes(ast.Subscript):
        if _is_environment(node.value) and not isinstance(node.ctx, ast.Load):
            yield node.slice
    for call in source.nodes(ast.Call):
        is_default = _is_lookup(call) and len(call.args) + len(call.keywords) > 1
        if called(call) in _SETTING or is_default:
            yield from call.args[:1]
        match call:
            case ast.Call(
                func=ast.Attribute(attr="update", value=value), args=[ast.Dict(keys=keys)]
            ) if _is_environment(value):
                yield from keys


def _tested(source: Source) -> Iterator[ast.expr]:
    for compare in source.nodes(ast.Compare):
        if any(_is_environment(comparator) for comparator in compare.comparators):
            yield compare.left
    for node in source.nodes(ast.If, ast.IfExp):
        for below in ast.walk(node.test):
            if isinstance(below, ast.Call) and _is_lookup(below):
                yield from below.args[:1]


def _expected_to_lack(source: Source) -> Iterator[ast.expr]:
    for tried in source.nodes(ast.Try):
        if any(_catches(handler) for handler in tried.handlers):
            for node in (below for statement in tried.body for below in ast.walk(statement)):
                if isinstance(node, ast.Subscript) and _is_environment(node.value):
                    yield node.slice


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(node, ast.Name) and node.id in _CATCHES for node in named)


def _is_environment(node: ast.expr) -> bool:
    """Whether an expression is `os.environ`, under either of its usual names."""
    if isinstance(node, ast.Attribute):
        return node.attr == "environ"
    return isinstance(node, ast.Name) and node.id == "environ"


def _named(node: ast.expr | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value, node.lineno

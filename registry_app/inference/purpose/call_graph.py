"""Find the code that runs when a file is started: its body, and its calls, also into other modules.

Nothing is executed: names are followed to the functions and classes of that name, in the file and
in the directory's files that it imports. A method is assumed to run if its name is called and its
class is instantiated. Within limits, it follows too much rather than too little.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.launching.console_scripts import console_script_of

# How far a start is followed: from file to file, and how many functions in all.
MAX_HOPS = 4
MAX_UNITS = 400
# Outlines keep the trees of their files alive, so large directories are cached only in part.
KEPT_CHARACTERS = 2 * 2**20

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Methods that run implicitly when their class is instantiated or its object is called.
_IMPLIED_METHODS = frozenset({"__init__", "__call__", "__enter__", "__post_init__", "setUp"})
# Methods that a framework calls when something happens: a node's `on_configure`.
_HANDLER = "on_"
# Methods that a library calls of an own kind of its class: Flower lets each client learn.
_OF_BASES = {"NumPyClient": "fit", "Client": "fit", "ClientTrainer": "train"}
# Decorators that only change a class.
_PASSIVE = frozenset({"dataclass", "total_ordering", "final", "unique"})
_PROPERTIES = frozenset({"property", "cached_property"})
# Plain decorators of libraries that make commands and steps of functions.
_REGISTERING = frozenset({"command", "task", "flow", "step", "pipeline", "job", "entrypoint"})
# Variables and modules whose attributes are values, and no methods.
_NO_OBJECTS = frozenset(
    "args arg opt opts options cfg config conf flags FLAGS params hparams settings parser np torch"
    " nn cv2 os".split()
)
_STARTING = frozenset({"start", "submit"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Unit:
    """A body of code that runs as a whole: that of a module, a function or a method.

    The methods of a class are separate units; its other statements belong to the module.
    `calls` holds each call with its last name, `called` these names.
    """

    path: str
    name: str = ""
    owner: str = ""
    line: int = 1
    calls: list[tuple[str, ast.Call]] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @cached_property
    def callbacks(self) -> frozenset[str]:
        """The methods that its calls receive; many starts lead to one unit."""
        found: set[str] = set()
        for name, call in self.calls:
            found.update(_callbacks(call))
            if name == "set_defaults":  # argparse calls the function of a sub-command
                found.update(_functions_given(call))
        return frozenset(found)


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The units of one file by name, methods by class and name, and the origin of its names.

    `imported` maps each name from another module of the directory to its file and its name there,
    '' for the module itself; `modules` are the names of modules among them. `tables` are variables
    that hold functions or classes to choose from: `KINDS = {"yolo": Detector}`. `properties` are
    those of each class. `known` are all names that lead somewhere, by which most names in the code
    are passed over.
    """

    body: Unit
    functions: dict[str, Unit]
    classes: dict[str, dict[str, Unit]]
    bases: dict[str, list[str]]
    imported: dict[str, tuple[str, str]]
    starred: tuple[str, ...]
    modules: frozenset[str]
    known: frozenset[str]
    tables: dict[str, tuple[str, ...]]
    properties: dict[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The code that runs when a file is started: units of the file itself, and of other files."""

    own: tuple[Unit, ...]
    others: tuple[Unit, ...]


class CallGraph:
    """The outlines of an experiment's files, each built once unless there are too many."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._outlines: dict[str, Outline] = {}
        self._sizes: dict[str, int] = {}
        self._kept_characters = 0

    def outline(self, source: Source) -> Outline:
        """Return what a file defines and imports."""
        if source.path not in self._outlines:
            self._evict(len(source.text))
            self._sizes[source.path] = len(source.text)
            self._outlines[source.path] = _outline(source, self._project)
        return self._outlines[source.path]

    def _evict(self, characters: int) -> None:
        """Evict the oldest outlines until one of a file of this size fits."""
        self._kept_characters += characters
        while self._kept_characters > KEPT_CHARACTERS and self._outlines:
            oldest = next(iter(self._outlines))
            del self._outlines[oldest]
            self._kept_characters -= self._sizes.pop(oldest)

    def outline_at(self, path: str) -> Outline | None:
        """Return the same by path, None for what is no Python."""
        if path in self._outlines:
            return self._outlines[path]
        source = self._project.source(path)
        return None if source is None or source.tree is None else self.outline(source)

    def reach(self, source: Source) -> Reach:
        """Return the units that run when a file is started."""
        return _Walk(self, self._project, source).run()


class _Walk:
    """One walk from a file's body along the names that it uses."""

    def __init__(self, graph: CallGraph, project: Project, start: Source) -> None:
        self._graph = graph
        self._project = project
        self._start = start
        self._found: dict[tuple[str, str, str], Unit] = {}
        self._waiting: list[tuple[Unit, int]] = []
        self._made: list[tuple[dict[str, Unit], int]] = []
        self._classes: set[tuple[str, str]] = set()
        self._called = set(_IMPLIED_METHODS)

    def run(self) -> Reach:
        outline = self._graph.outline(self._start)
        self._take(outline.body, 0)
        command = console_script_of(self._project, self._start.path)
        if command is not None:  # it is started by a call of this function
            self._use(outline, self._start.path, command.function.partition(".")[0], 0)
        while self._waiting and len(self._found) < MAX_UNITS:
            unit, hops = self._waiting.pop()
            self._follow(unit, hops)
        units = list(self._found.values())
        return Reach(
            own=tuple(unit for unit in units if unit.path == self._start.path),
            others=tuple(unit for unit in units if unit.path != self._start.path),
        )

    def _take(self, unit: Unit, hops: int) -> None:
        key = (unit.path, unit.owner, unit.name)
        if key not in self._found:
            self._found[key] = unit
            self._waiting.append((unit, hops))

    def _follow(self, unit: Unit, hops: int) -> None:
        outline = self._graph.outline_at(unit.path)
        if outline is None:
            return
        leading = unit.names if outline.starred else unit.names & outline.known
        for name in sorted(leading):  # in one order: what is followed may be cut off
            target, inside = outline.imported.get(name, ("", ""))
            if name == unit.name and inside:  # `def train(): from engine import train; train()`
                self._use_of(target, inside, hops + 1)
            else:
                self._use(outline, unit.path, name, hops)
        if not unit.names.isdisjoint(outline.modules):
            for _name, call in unit.calls:
                self._through_module(outline, call, hops)
        fresh = unit.called | unit.callbacks
        if fresh & _STARTING:
            fresh.add("run")  # threads and processes
        fresh -= self._called
        self._called |= fresh
        for methods, made_at in self._made if fresh else ():
            if not fresh.isdisjoint(methods):
                for name in sorted(fresh & methods.keys()):
                    self._take(methods[name], made_at)

    def _through_module(self, outline: Outline, call: ast.Call, hops: int) -> None:
        """Follow `module.function()`, where `module` is a file of the directory.

        A function that a call receives is called later: `run_step(module.main)`.
        """
        for given in (*call.args, *(keyword.value for keyword in call.keywords)):
            match given:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                    path, inside = outline.imported.get(name, ("", ""))
                    if path and not inside:
                        self._use_of(path, attribute, hops + 1)
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                path, inside = outline.imported.get(name, ("", ""))
                if path and not inside:
                    self._use_of(path, attribute, hops + 1)
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr=owner)):
                path, inside = outline.imported.get(name, ("", ""))
                if path and not inside:  # `module.Application.main()`
                    self._use_of(path, owner, hops + 1)

    def _use(self, outline: Outline, path: str, name: str, hops: int, depth: int = 0) -> None:
        module, _dot, inside = name.rpartition(".")
        if module:  # a base class as written: `engine.Detector`
            target, rest = outline.imported.get(module, ("", ""))
            if target and not rest:
                self._use_of(target, inside, hops + 1, depth + 1)
        elif name in outline.functions:
            self._take(outline.functions[name], hops)
        elif name in outline.classes:
            self._make(outline, path, name, hops)
        elif name in outline.imported:
            target, inside = outline.imported[name]
            if inside:
                self._use_of(target, inside, hops + 1, depth + 1)
        elif name in outline.tables and depth < MAX_HOPS:
            for held in outline.tables[name]:
                self._use(outline, path, held, hops, depth + 1)
        elif depth < MAX_HOPS:
            for target in outline.starred:
                self._use_of(target, name, hops + 1, depth + 1)

    def _use_of(self, path: str, name: str, hops: int, depth: int = 0) -> None:
        outline = self._graph.outline_at(path) if hops <= MAX_HOPS and depth <= MAX_HOPS else None
        if outline is not None:
            self._use(outline, path, name, hops, depth)

    def _make(self, outline: Outline, path: str, name: str, hops: int) -> None:
        if (path, name) in self._classes:
            return
        self._classes.add((path, name))
        methods = outline.classes[name]
        self._made.append((methods, hops))
        handlers = {method for method in methods if method.startswith(_HANDLER)}
        bases = {base.rpartition(".")[2] for base in outline.bases[name]}
        handlers |= {_OF_BASES[base] for base in bases & _OF_BASES.keys()} & methods.keys()
        handlers |= outline.properties.get(name, frozenset())
        for method in sorted(self._called & methods.keys() | handlers):
            self._take(methods[method], hops)
        for base in outline.bases[name]:
            self._use(outline, path, base, hops)


def _outline(source: Source, project: Project) -> Outline:
    body = Unit(path=source.path)
    functions: dict[str, Unit] = {}
    classes: dict[str, dict[str, Unit]] = {}
    bases: dict[str, list[str]] = {}
    properties: dict[str, frozenset[str]] = {}
    spans: list[tuple[int, int, Unit]] = []
    for statement in _definitions(source.tree.body if source.tree else []):
        if isinstance(statement, ast.ClassDef):
            bases[statement.name] = [_written(base) for base in statement.bases]
            methods = classes.setdefault(statement.name, {})
            properties[statement.name] = frozenset(_properties(statement))
            for inner in statement.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    unit = Unit(
                        path=source.path, name=inner.name, owner=statement.name, line=inner.lineno
                    )
                    methods[inner.name] = unit
                    spans.append((inner.lineno, inner.end_lineno or inner.lineno, unit))
        else:
            unit = Unit(path=source.path, name=statement.name, line=statement.lineno)
            functions[statement.name] = unit
            spans.append((statement.lineno, statement.end_lineno or statement.lineno, unit))
    _share_out(source, body, spans)
    body.names.update(_registered(source))
    body.names.update(_run_by_name(source))
    imported, starred = _imports(source, project)
    return Outline(
        body=body, functions=functions, classes=classes, bases=bases,
        imported=imported, starred=tuple(starred), tables=(tables := dict(_tables(source))),
        modules=frozenset(name for name, (_path, inside) in imported.items() if not inside),
        known=frozenset({*functions, *classes, *imported, *tables}),
        properties=properties,
    )  # fmt: skip


def _properties(owner: ast.ClassDef) -> Iterator[str]:
    for inner in owner.body:
        if isinstance(inner, ast.FunctionDef) and any(
            _plain(decorator) in _PROPERTIES for decorator in inner.decorator_list
        ):
            yield inner.name


def _tables(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield variables of a module that hold functions or classes to choose from."""
    for statement in source.tree.body if source.tree else ():
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=held))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(values=held))
                | ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.List(elts=held) | ast.Tuple(elts=held)
                )
            ):
                given = dict.fromkeys(node.id for node in held if isinstance(node, ast.Name))
                names = tuple(other for other in given if other != name)
                if names:
                    yield name, names


def _definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """Yield what a module defines, under `if` and `try` too."""
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement
            case ast.If(body=inner, orelse=orelse):
                yield from _definitions([*inner, *orelse])
            case ast.Try(body=inner, handlers=handlers, orelse=orelse):
                yield from _definitions([*inner, *orelse])
                for handler in handlers:
                    yield from _definitions(handler.body)


def _share_out(source: Source, body: Unit, spans: list[tuple[int, int, Unit]]) -> None:
    """Assign each call and name to the unit whose lines contain it."""
    statements = source.tree.body if source.tree else []
    by_line = [body] * (1 + max((node.end_lineno or 0 for node in statements), default=0))
    for first, last, unit in spans:
        by_line[first : last + 1] = [unit] * (last + 1 - first)
    for call in source.nodes(ast.Call):
        unit, last_name = by_line[call.lineno], called(call)
        unit.calls.append((last_name, call))
        unit.called.add(last_name)
    for name in source.nodes(ast.Name):
        by_line[name.lineno].names.add(name.id)


def _functions_given(call: ast.Call) -> Iterator[str]:
    """Yield the methods that a call receives as keywords: `set_defaults(func=cls.execute)`."""
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Attribute):
            yield keyword.value.attr


def _callbacks(call: ast.Call) -> Iterator[str]:
    """Yield the methods that a call receives, to call them later: `subscribe(self.seen)`.

    `args.train` and `config.run` are values.
    """
    for given in (*call.args, *[keyword.value for keyword in call.keywords]):
        if (  # not a `match`: the arguments of every call come here
            isinstance(given, ast.Attribute)
            and isinstance(given.value, ast.Name)
            and given.value.id not in _NO_OBJECTS
        ):
            yield given.attr


def _run_by_name(source: Source) -> Iterator[str]:
    """Yield `main` where TensorFlow finds it by its name: `tf.compat.v1.app.run()`."""
    for call in source.calls("run"):
        match call.func:
            case ast.Attribute(value=ast.Attribute(attr="app")) if not call.args:
                yield "main"


def _registered(source: Source) -> Iterator[str]:
    """Yield functions and classes that a decorator registers, which may call them."""
    for owner in source.nodes(ast.ClassDef):
        if any(_plain(decorator) not in _PASSIVE for decorator in owner.decorator_list):
            yield owner.name
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *source.nodes(ast.FunctionDef),
        *source.nodes(ast.AsyncFunctionDef),
    ]
    for node in functions:
        if any(
            isinstance(decorator, ast.Call | ast.Attribute) or _plain(decorator) in _REGISTERING
            for decorator in node.decorator_list
        ):
            yield node.name


def _imports(source: Source, project: Project) -> tuple[dict[str, tuple[str, str]], list[str]]:
    imported: dict[str, tuple[str, str]] = {}
    starred: list[str] = []
    for node in source.nodes(ast.Import):
        for alias in node.names:
            path = project.module(source.path, alias.name)
            if path and path != source.path:
                imported[alias.asname or alias.name.partition(".")[0]] = (path, "")
    for from_import in source.nodes(ast.ImportFrom):
        base = project.module(source.path, from_import.module or "", level=from_import.level)
        for alias in from_import.names:
            if alias.name == "*":
                starred += [base] if base else []
                continue
            dotted = f"{from_import.module}.{alias.name}" if from_import.module else alias.name
            path = project.module(source.path, dotted, level=from_import.level)
            if path and path != source.path:
                imported[alias.asname or alias.name] = (path, "")
            elif base and base != source.path:
                imported[alias.asname or alias.name] = (base, alias.name)
    return imported, starred


def _plain(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _written(node: ast.expr) -> str:
    """Return a base class as written: `Detector`, `engine.Detector`."""
    match node:
        case ast.Attribute(value=inner, attr=name):
            return f"{_written(inner)}.{name}"
    return _plain(node)

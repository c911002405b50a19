"""Follow a script in execution order, as far as its parsers are concerned.

Nothing is executed: calls that could lead to a parser are followed into functions, methods and
modules of the directory, loops over literals are unrolled, and of a condition both sides are
taken unless it is certain. Everything else is unknown and skipped.
"""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Mapping, Sequence
from weakref import proxy

from registry_app.inference.argparse_trace.attributes import attribute
from registry_app.inference.argparse_trace.bindings import (
    bound_constants,
    bound_refs,
    keep,
    loop_items,
    loop_names,
)
from registry_app.inference.argparse_trace.parser_calls import OWN_WORDS, ParserCalls
from registry_app.inference.argparse_trace.relevance import relevance_of
from registry_app.inference.code.outline import FunctionNode, imported_modules, imported_names
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import literal
from registry_app.inference.parameters.objects import (
    Class,
    Function,
    Group,
    Instance,
    Method,
    Module,
    Names,
    Ref,
    Scope,
    Several,
    Super,
)
from registry_app.inference.parameters.parsers import Parser
from registry_app.words import Confidence

MAX_STEPS = 30_000
MAX_MODULES = 20
MAX_CALL_DEPTH = 12
MAX_LOOP = 200


class Trace:
    """The trace of one script's parsers; `calls` are the reached calls of `add_argument`."""

    def __init__(self, project: Project) -> None:
        self.names = Names(project)
        self.parsers: list[Parser] = []
        self.seen: set[int] = set()
        self.gave_up = False
        self.doubt = 0
        self._relevance = relevance_of(project)
        # Weakly, so that the trees in this trace are freed with it: while a directory is read, no
        # collection frees cycles.
        self._calls = ParserCalls(proxy(self))
        self._steps = 0
        self._imported: set[str] = set()
        self._running: list[FunctionNode] = []

    def run(self, source: Source) -> None:
        """Follow a script from its first statement."""
        if source.tree is not None and self._relevance.reaches(source):
            scope = self._scope_of(source)
            scope.refs["__main__"] = Module(path=source.path)
            self._block(source.tree.body, scope)

    def _scope_of(self, source: Source) -> Scope:
        scope = Scope(source=source, constants=source.outline.constants)
        self.names.executed[source.path] = scope
        return scope

    def _run_module(self, path: str | None, depth: int = 0) -> None:
        """Follow the import of a module, if it concerns parsers."""
        if path is None or path in self._imported or depth > MAX_CALL_DEPTH:
            return
        self._imported.add(path)
        source = self.names.project.source(path)
        if source is None or source.tree is None or not self._relevance.reaches(source):
            return
        if self._relevance.acts(source) and len(self.names.executed) < MAX_MODULES:
            self._block(source.tree.body, self._scope_of(source))
            return
        for inner in self._relevance.imports(source):
            self._run_module(inner, depth + 1)

    # Statements

    def _block(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        for statement in body:
            self._steps += 1
            if self._steps > MAX_STEPS:
                self.gave_up = True
                return
            self._statement(statement, scope)

    def _statement(self, statement: ast.stmt, scope: Scope) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._import(statement, scope)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if scope.function is not None:
                    scope.refs[name] = Function(source=scope.source, node=statement)
            case ast.ClassDef():
                self._class(statement, scope)
            case ast.Expr(value=value):
                self.value(value, scope)
            case ast.Assign(targets=targets, value=value):
                found = self.value(value, scope)
                for target in targets:
                    self._bind(target, found, scope)
                if isinstance(scope.constants, ChainMap) and isinstance(targets[0], ast.Name):
                    keep(scope.constants.maps[0], targets[0].id, value, scope.constants)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self.value(value, scope), scope)
            case ast.Return(value=ast.expr() as value):
                found = self.value(value, scope)
                if found is not None:
                    scope.results.append(found)
            case _:
                self._compound(statement, scope)

    def _compound(self, statement: ast.stmt, scope: Scope) -> None:
        match statement:
            case ast.If():
                self._if(statement, scope)
            case ast.For() | ast.AsyncFor():
                self._for(statement, scope)
            case ast.While(body=body):
                self._doubtful([*body], scope)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    found = self.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, found, scope)
                self._block(body, scope)
            case ast.Try(body=body, orelse=orelse, finalbody=finalbody):
                self._block([*body, *orelse, *finalbody], scope)

    def _class(self, statement: ast.ClassDef, scope: Scope) -> None:
        """Follow a class body, because some scripts parse in it."""
        body = [
            inner_statement
            for inner_statement in statement.body
            if isinstance(inner_statement, ast.Assign | ast.Expr)
        ]
        if any(isinstance(inner_statement.value, ast.Call) for inner_statement in body):
            inner = Scope(source=scope.source, constants=scope.constants, outer=scope)
            self._block(body, inner)

    def _if(self, statement: ast.If, scope: Scope) -> None:
        if _tests_for_main(statement.test):
            is_main = "__main__" in scope.refs
            self._block(statement.body if is_main else statement.orelse, scope)
            return
        self.value(statement.test, scope)
        certain = literal(statement.test, scope.constants)
        if certain is not None and not isinstance(statement.test, ast.Constant):
            self._block(statement.body if certain else statement.orelse, scope)
        else:
            self._doubtful(statement.body, scope)
            self._doubtful(statement.orelse, scope)

    def _doubtful(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        self.doubt += 1
        self._block(body, scope)
        self.doubt -= 1

    def _for(self, statement: ast.For | ast.AsyncFor, scope: Scope) -> None:
        found = self.value(statement.iter, scope)
        if isinstance(found, Several):
            for item in found.items:
                self._bind(statement.target, item, scope)
                self._block(statement.body, scope)
            return
        values = literal(loop_items(statement.iter), scope.constants)
        values = list(values.items()) if isinstance(values, dict) and values else values
        if not isinstance(values, list) or len(values) > MAX_LOOP:
            self._doubtful(statement.body, scope)
            return
        constants = scope.constants
        for value in values:
            scope.constants = ChainMap(loop_names(statement.target, value), {**constants})
            self._block(statement.body, scope)
        scope.constants = constants

    def _import(self, statement: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for module in imported_modules(statement):
            self._run_module(self.names.path_of(module, scope.source.path))
        if scope.function is None:
            return
        for name, imported in imported_names(statement):
            found = self.names.imported(imported, scope.source) if name != "*" else None
            if found is not None:
                scope.refs[name] = found

    def _bind(self, target: ast.expr, found: Ref | None, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                if found is not None:
                    scope.refs[name] = found
                elif self.doubt == 0:
                    scope.refs.pop(name, None)
            case ast.Attribute(value=owner, attr=name):
                receiver = self.value(owner, scope)
                if isinstance(receiver, Instance) and found is not None:
                    receiver.attributes[name] = found
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                items: Sequence[Ref | None] = ()
                if isinstance(found, Several):
                    items = found.items
                for place, element in enumerate(elements):
                    self._bind(element, items[place] if place < len(items) else None, scope)

    # Expressions

    def value(self, node: ast.expr, scope: Scope) -> Ref | None:
        """Return the value of an expression, None unless it is an object that the trace follows."""
        match node:
            case ast.Name(id=name):
                return self.names.in_scope(name, scope)
            case ast.Constant() | ast.Lambda():
                return None
            case ast.Attribute(value=owner, attr=name):
                return attribute(self.names, self.value(owner, scope), name, scope.source)
            case ast.Call():
                return self._call(node, scope)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                items = tuple(self.value(element, scope) for element in elements)
                return Several(items=items) if any(items) else None
            case ast.IfExp(test=test, body=body, orelse=orelse):
                found = [self.value(node, scope) for node in (test, body, orelse)]
                return found[1] or found[2]
            case ast.BoolOp(values=values):
                return next(
                    (value for value in [self.value(v, scope) for v in values] if value), None
                )
            case ast.NamedExpr(target=target, value=value):
                given = self.value(value, scope)
                self._bind(target, given, scope)
                return given
            case ast.Await(value=value) | ast.Starred(value=value):
                return self.value(value, scope)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
        return None

    def _call(self, node: ast.Call, scope: Scope) -> Ref | None:
        called = self.value(node.func, scope)
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.function:
            owner = scope.function.owner
            return Super(receiver=scope.function.receiver, owner=owner) if owner else None
        if isinstance(called, Method):
            self.seen.add(id(node))
            return self._calls.call(called, node, scope)
        given = [self._argument(argument, scope) for argument in node.args]
        named = {keyword.arg: self._argument(keyword.value, scope) for keyword in node.keywords}
        if isinstance(called, Function):
            return self.follow(called, node, scope, given, named)
        if isinstance(called, Class):
            return self._make(called, node, scope, given, named)
        return self._calls.library(called, node, scope, [*given, *named.values()])

    def _argument(self, node: ast.expr, scope: Scope) -> Ref | None:
        found = self.value(node, scope)
        return OWN_WORDS if found is None and isinstance(node, ast.List) and node.elts else found

    def _make(
        self,
        cls: Class,
        node: ast.Call,
        scope: Scope,
        given: Sequence[Ref | None],
        named: Mapping[str | None, Ref | None],
    ) -> Ref:
        made = Instance(made_of=cls)
        if self.names.is_parser(cls):
            made.parser = self.new_parser()
            self._calls.fill(made.parser, cls, node, scope)
        start = self.names.method(cls, "__init__")
        if start is not None:
            start.receiver = made
            self.follow(start, node, scope, given, named)
        return made

    def new_parser(self) -> Parser:
        """Return a parser of the script itself."""
        parser = Parser()
        self.parsers.append(parser)
        return parser

    def follow(
        self,
        function: Function,
        node: ast.Call | None,
        scope: Scope,
        given: Sequence[Ref | None] = (),
        named: Mapping[str | None, Ref | None] = {},
    ) -> Ref | None:
        """Follow a call into a function of the directory; return its return value."""
        handed = any(_holds_parser(value) for value in [*given, *named.values()])
        if not handed and not self._relevance.leads(function):
            return None
        if function.node in self._running or len(self._running) >= MAX_CALL_DEPTH:
            return None
        inner = Scope(
            source=function.source,
            constants=bound_constants(function, node, scope.constants),
            outer=scope if function.source is scope.source and scope.function else None,
            function=function,
        )
        for name, ref in bound_refs(function, given, named):
            inner.refs[name] = ref
        self._running.append(function.node)
        self._block(function.node.body, inner)
        self._running.pop()
        parsers = [result for result in inner.results if _holds_parser(result)]
        return next(iter(parsers or inner.results), None)

    @property
    def confidence(self) -> Confidence:
        """The confidence that the script reaches the current statement."""
        return Confidence.LIKELY if self.doubt else Confidence.SURE


def _holds_parser(ref: Ref | None) -> bool:
    if isinstance(ref, Several):
        return any(_holds_parser(item) for item in ref.items)
    return isinstance(ref, Group) or (isinstance(ref, Instance) and ref.parser is not None)


def _tests_for_main(test: ast.expr) -> bool:
    match test:
        case (
            ast.Compare(
                left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant("__main__")]
            )
            | ast.Compare(
                left=ast.Constant("__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]
            )
        ):
            return True
    return False

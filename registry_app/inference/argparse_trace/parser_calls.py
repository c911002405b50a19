"""Handle a script's calls of argparse, or of a library that builds on it, in a trace."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Protocol

from registry_app.inference.parameters.command_line import literal
from registry_app.inference.parameters.dataclass_options import dataclass_parameters
from registry_app.inference.parameters.known_parsers import detectron2_parameters
from registry_app.inference.parameters.objects import (
    Class,
    Commands,
    External,
    Function,
    Group,
    Instance,
    Method,
    Names,
    Ref,
    Scope,
    Several,
)
from registry_app.inference.parameters.parsers import Parser
from registry_app.words import Confidence

ADDING = frozenset({"add_argument", "add_arg", "add", "add_option"})
PARSING = frozenset(
    "parse_args parse_known_args parse_intermixed_args parse_known_intermixed_args"
    " parse_args_into_dataclasses parse_args_and_config parse_known_args_into_dataclasses".split()
)
# Libraries whose parsers accept more than the script itself declares.
WHOLE = ("argparse.", "configargparse.", "optparse.", "transformers.", "simple_parsing.")
OF_DATACLASSES = frozenset({"HfArgumentParser", "TrlParser"})
# Calls that may receive a parser without changing it.
HARMLESS = frozenset(
    "print repr str len id type vars isinstance autocomplete format getattr hasattr".split()
)
# The result of parsing: no longer a parser, even if assigned to the same name.
_NOTHING = External(name="argparse.Namespace")

# A list that is written where a function is called: a caller's words for its parser.
OWN_WORDS = External(name="list")


class Follower(Protocol):
    """The part of the trace that is needed here."""

    names: Names

    @property
    def confidence(self) -> Confidence: ...

    def value(self, node: ast.expr, scope: Scope) -> Ref | None: ...

    def follow(self, function: Function, node: ast.Call | None, scope: Scope) -> Ref | None: ...

    def new_parser(self) -> Parser: ...


class ParserCalls:
    """The methods of parsers and their groups, as a trace calls them."""

    def __init__(self, trace: Follower) -> None:
        self._trace = trace

    def call(self, called: Method, node: ast.Call, scope: Scope) -> Ref | None:
        """Apply a call of a parser's method; return its result."""
        owner = called.owner
        if isinstance(owner, Commands):
            return self._command(owner, node, scope) if called.name == "add_parser" else None
        parser = parser_of(owner)
        if parser is None:
            return None
        if called.name in ADDING:
            parser.add(
                node,
                path=scope.source.path,
                names=scope.constants,
                confidence=self._trace.confidence,
                is_either=isinstance(owner, Group) and owner.is_either,
            )
            return None
        if called.name in PARSING or called.name == "parse":
            self._parse(parser, node, scope)
            return _NOTHING if "known" not in called.name else Several(items=(_NOTHING, _NOTHING))
        return self._other(called.name, parser, node, scope)

    def _other(self, name: str, parser: Parser, node: ast.Call, scope: Scope) -> Ref | None:
        match name:
            case "add_argument_group" | "add_option_group":
                return Group(parser=parser)
            case "add_mutually_exclusive_group":
                return Group(parser=parser, is_either=True)
            case "add_subparsers":
                given = {
                    keyword.arg: literal(keyword.value, scope.constants)
                    for keyword in node.keywords
                }
                parser.needs_command = bool(given.get("required"))
                return Commands(parser=parser)
            case "set_defaults":
                self._set_defaults(parser, node, scope)
            case "add_arguments" | "add_dataclass_arguments":
                self._add_dataclasses(parser, node.args[:1], scope)
            case "add_class_arguments" | "add_function_arguments" | "add_subclass_arguments":
                parser.is_open = True
        return None

    def _parse(self, parser: Parser, node: ast.Call, scope: Scope) -> None:
        """Ignore calls that parse words of the code's own, which are not a command line."""
        given = [keyword.value for keyword in node.keywords if keyword.arg == "args"] or node.args[
            :1
        ]
        if given and self._are_own_words(given[0], scope):
            return
        parser.is_parsed = True
        parser.parsed = len(parser.parameters)

    def _are_own_words(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.List) or isinstance(literal(node, scope.constants), list | str):
            return True
        return isinstance(node, ast.Name) and self._trace.value(node, scope) is OWN_WORDS

    def _command(self, commands: Commands, node: ast.Call, scope: Scope) -> Ref:
        name = literal(node.args[0], scope.constants) if node.args else None
        above = commands.parser
        child = Parser(command=f"{above.command} {name}".strip())
        self._take_parents(child, node, scope)
        if isinstance(name, str) and name and not name.startswith("-"):
            above.commands.append(child)
        else:
            above.is_open = True
        return Instance(made_of=None, parser=child)

    def _set_defaults(self, parser: Parser, node: ast.Call, scope: Scope) -> None:
        for keyword in node.keywords:
            value = literal(keyword.value, scope.constants)
            if keyword.arg is None and not isinstance(value, dict):
                parser.is_configured = True
            elif keyword.arg is None:
                parser.defaults.update(value)
            elif keyword.arg is not None and value is not None:
                parser.defaults[keyword.arg] = value

    def library(
        self, called: Ref | None, node: ast.Call, scope: Scope, given: Sequence[Ref | None]
    ) -> Ref | None:
        """Apply what an unknown call could do to the parsers passed to it."""
        name = called.name if isinstance(called, External) else ""
        last = name.rpartition(".")[2] or _last_name(node.func)
        if isinstance(called, External) and _makes_parser(last):
            return self._make(name, last, node, scope)
        if last in {"vars", "print"} or (called is None and last == "Namespace"):
            return None
        for value in given:
            if isinstance(value, Function) and isinstance(called, External):
                self._trace.follow(value, None, scope)  # `launch(main)` calls it sooner or later
        handed = [value for value in given if parser_of(value) is not None]
        if last not in HARMLESS:
            for value in handed:
                parser = parser_of(value)
                if parser is not None:
                    parser.is_open = True
        return handed[0] if handed else None

    def _make(self, name: str, last: str, node: ast.Call, scope: Scope) -> Ref:
        parser = self._trace.new_parser()
        if last == "default_argument_parser":
            parser.parameters += detectron2_parameters(f"{scope.source.path}:{node.lineno}")
        elif last in OF_DATACLASSES:
            self._of_dataclasses(parser, node, scope)
        elif name.startswith("configargparse."):
            parser.is_configured = True
        elif not name.startswith(WHOLE):
            parser.is_open = True
        self._take_parents(parser, node, scope)
        return Instance(made_of=None, parser=parser)

    def fill(self, parser: Parser, cls: Class, node: ast.Call, scope: Scope) -> None:
        """Add to a parser of the directory's own class the parameters that its library adds."""
        names = {
            base.name.rpartition(".")[2]
            for base in self._trace.names.line_of(cls)
            if isinstance(base, External)
        }
        if names & OF_DATACLASSES:
            self._of_dataclasses(parser, node, scope)
        self._take_parents(parser, node, scope)

    def _of_dataclasses(self, parser: Parser, node: ast.Call, scope: Scope) -> None:
        given = [keyword.value for keyword in node.keywords if keyword.arg == "dataclass_types"]
        self._add_dataclasses(parser, [*node.args[:1], *given], scope)

    def _take_parents(self, parser: Parser, node: ast.Call, scope: Scope) -> None:
        for keyword in node.keywords:
            if keyword.arg != "parents":
                continue
            found = self._trace.value(keyword.value, scope)
            items = found.items if isinstance(found, Several) else (found,)
            for item in items:
                parent = parser_of(item)
                if parent is None:
                    parser.is_open = True
                else:
                    parser.inherit(parent)

    def _add_dataclasses(self, parser: Parser, nodes: Sequence[ast.expr], scope: Scope) -> None:
        for node in nodes:
            inner = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
            for part in inner:
                found = self._trace.value(part, scope)
                if not isinstance(found, Class):
                    parser.is_open = True
                    continue
                parameters, is_whole = dataclass_parameters(found, self._trace.names)
                parser.parameters += parameters
                parser.is_open = parser.is_open or not is_whole


def parser_of(ref: Ref | None) -> Parser | None:
    """Return the parser that an object is or belongs to."""
    return ref.parser if isinstance(ref, Instance | Group) else None


def _makes_parser(last: str) -> bool:
    return last.endswith(("ArgumentParser", "ArgParser")) or last in {
        "OptionParser", "GooeyParser", "TrlParser", "default_argument_parser",
        "get_argument_parser", "get_arg_parser", "getArgumentParser", "getArgParser",
    }  # fmt: skip


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

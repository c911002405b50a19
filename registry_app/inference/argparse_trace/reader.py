"""Read the command line of a script from its use of argparse, without running anything.

If the trace of the script reaches a parser that parses the arguments, that parser counts; else
every parser that the file creates.
"""

from __future__ import annotations

import ast

from registry_app.inference.argparse_trace.trace import Trace
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.parameters.parsers import Parser, command_line_of
from registry_app.words import Confidence

LIBRARIES = frozenset({"argparse", "configargparse", "optparse", "transformers", "simple_parsing"})


def read_argparse(source: Source, project: Project) -> CommandLine:
    """Return the command line that a script reads with argparse, empty and unknown if none."""
    if source.tree is None:
        return CommandLine()
    trace = Trace(project)
    trace.run(source)
    used = _used(trace.parsers)
    parsers = [*used, *_left(source, trace, used)]
    if not parsers:
        return CommandLine()
    return command_line_of(parsers, is_open=trace.gave_up)


def _used(parsers: list[Parser]) -> list[Parser]:
    """Return the parsers that read the command line; if none is seen to, all that could."""
    parsed = [parser for parser in parsers if parser.is_parsed]
    return parsed or [parser for parser in parsers if not parser.is_parent]


def _left(source: Source, trace: Trace, used: list[Parser]) -> list[Parser]:
    """Return a parser of the calls that the trace did not reach, though they may count.

    Those are calls in helpers that receive a parser as an argument; if no parser is known at all,
    every call in a file that imports argparse.
    """
    calls = [
        call
        for call in source.calls("add_argument", "add_arg", "add_option")
        if id(call) not in trace.seen and (call.args or call.keywords)
    ]
    if used:
        calls = [call for call in calls if _is_handed_its_parser(call, source)]
    elif not _imports_parser(source):
        return []
    left = Parser()
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        left.add(
            call,
            path=source.path,
            names=source.outline.constants,
            confidence=Confidence.LIKELY,
        )
    return [left] if calls else []


def _imports_parser(source: Source) -> bool:
    if source.outline.libraries & LIBRARIES:
        return True
    return any(
        alias.name.partition(".")[0] in LIBRARIES
        for node in source.nodes(ast.Import)
        for alias in node.names
    ) or any(
        (node.module or "").partition(".")[0] in LIBRARIES for node in source.nodes(ast.ImportFrom)
    )


def _is_handed_its_parser(call: ast.Call, source: Source) -> bool:
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    function = _around(call, source)
    if not isinstance(receiver, ast.Name) or function is None:
        return False
    arguments = function.args
    return any(
        argument.arg == receiver.id
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    )


def _around(call: ast.Call, source: Source) -> FunctionNode | None:
    """Return the innermost function that holds a call."""
    functions: list[FunctionNode] = [
        *source.nodes(ast.FunctionDef),
        *source.nodes(ast.AsyncFunctionDef),
    ]
    around = [
        function
        for function in functions
        if function.lineno <= call.lineno <= (function.end_lineno or function.lineno)
    ]
    return max(around, key=lambda function: function.lineno, default=None)

"""Reads the command line of a script from what it does with argparse, without running anything.

Where the trace of the script comes to a parser that is asked for its arguments, that parser
counts; else every parser that the file makes.
"""

from __future__ import annotations

import ast

from registry_app.choices import Confidence
from registry_app.inference.argparse_trace.trace import Trace
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.inference.parameters.parsers import Parser, command_line_of

LIBRARIES = frozenset({"argparse", "configargparse", "optparse", "transformers", "simple_parsing"})


def read_argparse(source: Source, project: Project) -> CommandLine:
    """Return the command line that argparse gives a script, empty and unknown where it has none."""
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
    """Return the parsers that read the command line; where none is seen to, all that could."""
    parsed = [one for one in parsers if one.is_parsed]
    return parsed or [one for one in parsers if not one.is_parent]


def _left(source: Source, trace: Trace, used: list[Parser]) -> list[Parser]:
    """Return a parser of the calls that the trace did not come by, though they may count.

    Those are calls in helpers that are handed their parser; where no parser is known at all, every
    call in a file that imports argparse.
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
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
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
        one.arg == receiver.id
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    )


def _around(call: ast.Call, source: Source) -> FunctionNode | None:
    """Return the innermost function that holds a call."""
    functions: list[FunctionNode] = [
        *source.nodes(ast.FunctionDef),
        *source.nodes(ast.AsyncFunctionDef),
    ]
    around = [
        one for one in functions if one.lineno <= call.lineno <= (one.end_lineno or one.lineno)
    ]
    return max(around, key=lambda one: one.lineno, default=None)

"""What a script's parsers take, as far as a trace of the script has come."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.choices import Confidence
from registry_app.inference.parameters.arguments import UnreadableError, read_argument
from registry_app.inference.parameters.command_line import CommandLine


@dataclass(kw_only=True, eq=False)
class Parser:
    """One parser: its parameters in the order of the calls, those of its parents first.

    `command` are the words of a sub-command, '' for the script's own parser. `is_open` where
    parameters may have escaped us. `either` are parameters that exclude each other. A file may
    change the defaults where the parser `is_configured`. Only the first `parsed` parameters were
    there when the command line was read for the last time. `unread` are the places of others.
    """

    command: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    either: set[str] = field(default_factory=set)
    commands: list[Parser] = field(default_factory=list)
    needs_command: bool = False
    defaults: dict[str, Any] = field(default_factory=dict)
    is_open: bool = False
    is_configured: bool = False
    is_parsed: bool = False
    parsed: int = 0
    is_parent: bool = False
    unread: list[str] = field(default_factory=list)

    def inherit(self, parent: Parser) -> None:
        """Take what a parent takes."""
        parent.is_parent = True
        self.parameters += parent.parameters
        self.either |= parent.either
        self.defaults |= parent.defaults
        self.is_open = self.is_open or parent.is_open
        self.is_configured = self.is_configured or parent.is_configured

    def add(
        self,
        node: ast.Call,
        *,
        path: str,
        names: Mapping[str, Any],
        confidence: Confidence,
        is_either: bool = False,
    ) -> None:
        """Read one call of `add_argument`."""
        try:
            parameter = read_argument(node, path=path, names=names, confidence=confidence)
        except UnreadableError:
            self.is_open = True
            self.unread.append(f"{path}:{node.lineno}")
            return
        if parameter is not None:
            self.parameters.append(parameter)
            if is_either:
                self.either.add(parameter.name)

    def final(self) -> list[Parameter]:
        """Return the parameters as the command line was read, with the defaults set at last."""
        taken = self.parameters[: self.parsed] if self.is_parsed else self.parameters
        return [
            dataclasses.replace(
                one, default=self.defaults[one.name], default_expr="", required=False
            )
            if one.name in self.defaults
            else one
            for one in _without_twins(taken)
        ]


def command_line_of(parsers: Iterable[Parser], *, is_open: bool = False) -> CommandLine:
    """Return all that these parsers take, each parameter once for each sub-command."""
    found: dict[tuple[str, str], Parameter] = {}
    alone: set[tuple[str, str]] = set()
    commands: list[str] = []
    needs_command = False
    unread: list[str] = []
    for parser in _with_commands(parsers):
        is_open = is_open or parser.is_open
        unread += parser.unread
        needs_command = needs_command or parser.needs_command
        if parser.command:
            commands.append(parser.command)
        for parameter in parser.final():
            name = parameter.name
            other = found.get((parser.command, name))
            if other is not None and other != parameter:
                if not parameter.flag or parameter.flag == other.flag:
                    continue  # said again, by a parent or on another path
                name = parameter.flag.strip("-").replace("-", "_")
            found.setdefault((parser.command, name), dataclasses.replace(parameter, name=name))
            if parameter.name in parser.either or parser.is_configured:
                alone.add((parser.command, name))
    return CommandLine(
        parameters=tuple(found.values()),
        known=not is_open,
        commands=tuple(dict.fromkeys(commands)),
        owners=tuple(owner for owner, _name in found),
        withheld=tuple(sorted(alone)),
        needs_command=needs_command,
        unread=tuple(dict.fromkeys(unread)),
    )


def _with_commands(parsers: Iterable[Parser]) -> Iterable[Parser]:
    for parser in parsers:
        yield parser
        yield from _with_commands(parser.commands)


def _without_twins(parameters: list[Parameter]) -> list[Parameter]:
    """Join `--amp` and `--no-amp` that set the same name into one switch with two sides."""
    twins = {
        one.name: one for one in parameters if one.action == "store_false" and "--no-" in one.flag
    }
    joined: list[Parameter] = []
    for one in parameters:
        twin = twins.get(one.name)
        if twin is one and any(_are_sides(other, one) for other in parameters):
            continue
        if twin is not None and _are_sides(one, twin):
            # Both sides have a default; only one that is set for their name tells which holds.
            joined.append(dataclasses.replace(one, action="boolean_optional", default=None))
        else:
            joined.append(one)
    return joined


def _are_sides(one: Parameter, twin: Parameter) -> bool:
    return (
        one.action == "store_true"
        and one.name == twin.name
        and twin.flag == f"--no-{one.flag.removeprefix('--')}"
    )

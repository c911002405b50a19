"""The parameters of a script's parsers, as far as a trace has found them."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.inference.parameters.arguments import UnreadableError, read_argument
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.words import Confidence


@dataclass(kw_only=True, eq=False)
class Parser:
    """One parser: its parameters in call order, those of its parents first.

    `command` are the words of a sub-command, '' for the script's own parser. `is_open` if
    parameters may be missing. `either` are mutually exclusive parameters. `is_configured` if a file
    may change the defaults. Only the first `parsed` parameters existed when the command line was
    last parsed. `unread` are the places of unreadable ones.
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
        """Add the parameters of a parent."""
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
        """Return the parameters at the time of parsing, with the defaults that were set last."""
        taken = self.parameters[: self.parsed] if self.is_parsed else self.parameters
        return [
            dataclasses.replace(
                parameter, default=self.defaults[parameter.name], default_expr="", required=False
            )
            if parameter.name in self.defaults
            else parameter
            for parameter in _without_twins(taken)
        ]


def command_line_of(parsers: Iterable[Parser], *, is_open: bool = False) -> CommandLine:
    """Return all parameters of these parsers, each once per sub-command."""
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
                    continue  # a duplicate, from a parent or another path
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
    """Merge `--amp` and `--no-amp` for the same name into one on/off switch."""
    twins = {
        parameter.name: parameter
        for parameter in parameters
        if parameter.action == "store_false" and "--no-" in parameter.flag
    }
    joined: list[Parameter] = []
    for parameter in parameters:
        twin = twins.get(parameter.name)
        if twin is parameter and any(_are_sides(other, parameter) for other in parameters):
            continue
        if twin is not None and _are_sides(parameter, twin):
            # Both sides have a default; only a default set for their name decides which applies.
            joined.append(dataclasses.replace(parameter, action="boolean_optional", default=None))
        else:
            joined.append(parameter)
    return joined


def _are_sides(parameter: Parameter, twin: Parameter) -> bool:
    return (
        parameter.action == "store_true"
        and parameter.name == twin.name
        and twin.flag == f"--no-{parameter.flag.removeprefix('--')}"
    )

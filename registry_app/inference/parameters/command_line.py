"""The parsed command line of a script, and the template drafted from it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry_app.arguments.parameters import COMMAND, Parameter
from registry_app.arguments.template import (
    MAX_TEMPLATE_LENGTH,
    TemplateRefusedError,
    parse_template,
    unknown_names,
)
from registry_app.inference.code.constants import NotConstantError, evaluate


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """The parameters of a script in source order; `known` if none was missed.

    `commands` are its sub-commands (`tool.py train --epochs 3`); `owners` has for each
    parameter the sub-command that it belongs to, '' for all; `needs_command` if one is required.
    `withheld` are pairs of owner and name whose default must not be written out: parameters that
    are mutually exclusive, or whose default a configuration file may change. `unread` are the
    places (`file:line`) of parameters whose names are only known at run time.
    """

    parameters: tuple[Parameter, ...] = ()
    known: bool = False
    commands: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    needs_command: bool = False
    unread: tuple[str, ...] = ()

    def under(self, command: str) -> tuple[Parameter, ...]:
        """Return the parameters that belong only to this sub-command."""
        pairs = zip(self.parameters, self.owners, strict=True)
        return tuple(parameter for parameter, owner in pairs if owner == command)


def for_command(command_line: CommandLine, command: str) -> CommandLine:
    """Return the command line of one sub-command, with the parameters shared by all.

    If none is chosen but the script needs one, the choice itself is a parameter.
    """
    pairs = zip(command_line.parameters, command_line.owners, strict=True)
    by_owner: dict[str, list[Parameter]] = {"": [], command: []}
    for parameter, owner in pairs:
        is_withheld = (owner, parameter.name) in command_line.withheld
        row = replace(parameter, withheld=True) if is_withheld else parameter
        by_owner.setdefault(owner, []).append(row)
    parameters = (*by_owner[""], *(by_owner[command] if command else ()))
    if command_line.needs_command and not command:
        names = tuple(command for command in command_line.commands if " " not in command)
        parameters += (Parameter(name=COMMAND, positional=True, required=True, choices=names),)
    return CommandLine(
        parameters=parameters, known=command_line.known, owners=("",) * len(parameters)
    )


def own_parameters(command_line: CommandLine) -> dict[str, tuple[Parameter, ...]]:
    """Return the parameters of each sub-command alone; one below another is left to its script."""
    return {
        command: tuple(
            replace(row, withheld=True) if (command, row.name) in command_line.withheld else row
            for row in command_line.under(command)
        )
        for command in command_line.commands
        if " " not in command
    }


def with_parameters(command_line: CommandLine, parameters: tuple[Parameter, ...]) -> CommandLine:
    """Return a command line without sub-commands that takes these parameters."""
    return replace(command_line, parameters=parameters, owners=("",) * len(parameters), withheld=())


def draft_template(command_line: CommandLine, command: str = "") -> str:
    """Return a template with every single-value option that has a default or is required.

    Switches, lists and positional parameters are passed without a placeholder. A sub-command is
    between the shared options and its own. An option that a template cannot express is omitted:
    a run passes it by its flag.
    """
    pieces = _options(command_line, "")
    if command:
        pieces += [command, *_options(command_line, command)]
    template = ""
    for piece in pieces:
        longer = f"{template} {piece}".strip()
        if len(longer) > MAX_TEMPLATE_LENGTH:
            break
        template = longer if _passes(piece, command_line) else template
    return template


def _passes(piece: str, command_line: CommandLine) -> bool:
    try:
        words = parse_template(piece)
    except TemplateRefusedError:
        return False
    written = " ".join(word.filled({name: f"{{{name}}}" for name in word.names}) for word in words)
    return written == piece and not unknown_names(words, command_line.parameters)


def _options(command_line: CommandLine, owner: str) -> list[str]:
    return [
        f"{parameter.flag}{'' if parameter.is_joined else ' '}{{{parameter.name}}}"
        for parameter in command_line.under(owner)
        if parameter.flag
        and not parameter.is_switch
        and parameter.action == ""
        and parameter.nargs is None
        and (
            parameter.required
            or (_keeps_default(parameter) and (owner, parameter.name) not in command_line.withheld)
        )
    ]


def _keeps_default(parameter: Parameter) -> bool:
    """Whether a script that gets its own default as text reads the same value.

    `add_argument("--epochs", default=10)` does not: it would get the string "10".
    """
    if parameter.is_override or parameter.default == "":
        return False
    match parameter.type, parameter.default:
        case ("int", int()) | ("float", int() | float()):
            return not isinstance(parameter.default, bool)
        case (("" | "str" | "Path" | "custom"), str()):
            return True
    return False


def literal(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression, None if it is missing or only known at run time."""
    if node is None:
        return None
    try:
        return evaluate(node, names)
    except (NotConstantError, RecursionError):
        return None

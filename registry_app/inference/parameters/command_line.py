"""The command line of a script as it was read, and the template drafted from it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import (
    LONGEST_TEMPLATE,
    TemplateRefusedError,
    parse_template,
    unknown_names,
)
from registry_app.inference.code.constants import NotConstantError, evaluate

# The name of the parameter that chooses a sub-command.
COMMAND = "command"


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """The parameters of a script in the order of its source; `known` when none escaped us.

    `commands` are its sub-commands (`tool.py train --epochs 3`); `owners` says for each parameter
    to which of them it belongs, '' for all; `needs_command` where the script starts with none of
    them. `withheld` are pairs of owner and name whose default must not be written out: parameters
    that exclude each other, or whose default a configuration file may change. `unread` are the
    places (`file:line`) of parameters whose names only a run knows.
    """

    parameters: tuple[Parameter, ...] = ()
    known: bool = False
    commands: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    needs_command: bool = False
    unread: tuple[str, ...] = ()

    def under(self, command: str) -> tuple[Parameter, ...]:
        """Return the parameters that belong to this sub-command alone."""
        pairs = zip(self.parameters, self.owners, strict=True)
        return tuple(parameter for parameter, owner in pairs if owner == command)


def for_command(command_line: CommandLine, command: str) -> CommandLine:
    """Return the command line of one sub-command, with what belongs to all of them.

    Where none is chosen though the script needs one, the choice is a parameter by itself.
    """
    own = command_line.under(command) if command else ()
    parameters = (*command_line.under(""), *own)
    if command_line.needs_command and not command:
        names = tuple(one for one in command_line.commands if " " not in one)
        parameters += (Parameter(name=COMMAND, positional=True, required=True, choices=names),)
    return CommandLine(
        parameters=parameters, known=command_line.known, owners=("",) * len(parameters)
    )


def draft_template(command_line: CommandLine, command: str = "") -> str:
    """Return a template with every option that takes one value and has one, or needs one.

    Switches, lists and positional parameters are passed without standing in the template. A
    sub-command stands between the options of all and its own. An option that no template can
    hold is left out: a run passes it by its flag.
    """
    pieces = _options(command_line, "")
    if command:
        pieces += [command, *_options(command_line, command)]
    template = ""
    for piece in pieces:
        longer = f"{template} {piece}".strip()
        if len(longer) > LONGEST_TEMPLATE:
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
        f"{one.flag}{'' if one.is_joined else ' '}{{{one.name}}}"
        for one in command_line.under(owner)
        if one.flag
        and not one.is_switch
        and one.action == ""
        and one.nargs is None
        and (
            one.required or (_keeps_default(one) and (owner, one.name) not in command_line.withheld)
        )
    ]


def _keeps_default(one: Parameter) -> bool:
    """Whether a script that is given its own default, as text, reads the same value back.

    `add_argument("--epochs", default=10)` does not: it would get the text "10".
    """
    if one.is_override or one.default == "":
        return False
    match one.type, one.default:
        case ("int", int()) | ("float", int() | float()):
            return not isinstance(one.default, bool)
        case (("" | "str" | "Path" | "custom"), str()):
            return True
    return False


def literal(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression, None where there is none or only a run knows it."""
    if node is None:
        return None
    try:
        return evaluate(node, names)
    except (NotConstantError, RecursionError):
        return None

"""The command line of a script as it was read, and the template drafted from it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.inference.constants import NotConstantError, evaluate
from registry_app.parameters import Parameter

# What a template can speak of.
NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """The parameters of a script in the order of its source; `known` when none escaped us.

    `commands` are its sub-commands (`tool.py train --epochs 3`); `owners` says for each parameter
    to which of them it belongs, '' for all; `needs_command` where the script starts with none of
    them. `either` are pairs of owner and name that exclude each other. `notes` say what could not
    be read.
    """

    parameters: tuple[Parameter, ...] = ()
    known: bool = False
    commands: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    either: frozenset[tuple[str, str]] = frozenset()
    needs_command: bool = False
    notes: tuple[str, ...] = ()

    def under(self, command: str) -> tuple[Parameter, ...]:
        """Return the parameters that belong to this sub-command alone."""
        pairs = zip(self.parameters, self.owners, strict=True)
        return tuple(parameter for parameter, owner in pairs if owner == command)


def for_command(command_line: CommandLine, command: str) -> CommandLine:
    """Return the command line of one sub-command, with what belongs to all of them."""
    own = command_line.under(command) if command else ()
    parameters = (*command_line.under(""), *own)
    return CommandLine(
        parameters=parameters, known=command_line.known, owners=("",) * len(parameters)
    )


def draft_template(command_line: CommandLine, command: str = "") -> str:
    """Return a template with every option that takes one value and has one, or needs one.

    Switches, lists and positional parameters are passed without standing in the template. A
    sub-command stands between the options of all and its own.
    """
    if not command:
        return _options(command_line.under(""))
    pieces = (_options(command_line.under("")), command, _options(command_line.under(command)))
    return " ".join(piece for piece in pieces if piece)


def _options(parameters: tuple[Parameter, ...]) -> str:
    return " ".join(
        f"{one.flag} {{{one.name}}}"
        for one in parameters
        if one.flag
        and not one.is_switch
        and one.action in {"", "store"}
        and one.nargs is None
        and (one.required or isinstance(one.default, str | int | float))
        and one.default != ""
    )


def literal(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression, None where there is none or only a run knows it."""
    if node is None:
        return None
    try:
        return evaluate(node, names)
    except (NotConstantError, RecursionError):
        return None

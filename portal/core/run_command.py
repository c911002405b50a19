"""The command of an MLproject's entry point that runs a script through the portal.

    guardianflow run NAME --type train --param data={data} --named-args --

MLflow replaces `{data}` with the value, quoted for a shell, so it must stand bare; a brace of a
name is written twice. MLflow appends every other `-P name=value` as `--name value`, which
`--named-args` reads as a value of that parameter.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PROGRAM = ("guardianflow", "run")
_TYPE = "--type"
_ENDING = "--named-args --"


@dataclass(frozen=True, kw_only=True)
class RunCommand:
    """The experiment and the type that a command runs."""

    experiment: str
    type: str

    @property
    def entry_point(self) -> str:
        """The name of the entry point that the portal gives to it."""
        return f"{self.experiment}.{self.type}"


def run_command(command: str) -> RunCommand | None:
    """Return what a command runs: `guardianflow run NAME --type TYPE ...`; None for any other."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if tuple(words[:2]) != PROGRAM or len(words) < 5 or words[3] != _TYPE:
        return None
    name, kind = (word.replace("{{", "{").replace("}}", "}") for word in (words[2], words[4]))
    return RunCommand(experiment=name, type=kind)


def written(runs: RunCommand, placeholders: Mapping[str, str], secrets: Sequence[str] = ()) -> str:
    """Return the command with the placeholder of each parameter, by the parameter's name.

    `secrets` are asked for, or read from standard input: MLflow would log their values.
    """
    parts = [*PROGRAM, _literal(runs.experiment), _TYPE, _literal(runs.type)]
    for name, placeholder in placeholders.items():
        parts += ["--param", f"{_literal(f'{name}=')}{{{placeholder}}}"]
    for name in secrets:
        parts += ["--secret", _literal(name)]
    return " ".join([*parts, _ENDING])


def placeholders_of(names: Sequence[str]) -> dict[str, str]:
    """Return a placeholder for each name: itself if it is an identifier, else p0, p1, ...

    MLflow reads `{optimizer.lr}` as an attribute.
    """
    taken = {name for name in names if name.isidentifier()}
    found: dict[str, str] = {}
    number = 0
    for name in names:
        placeholder = name
        while not placeholder.isidentifier() or (placeholder != name and placeholder in taken):
            placeholder = f"p{number}"
            number += 1
        found[name] = placeholder
    return found


def _literal(text: str) -> str:
    """Return a text as one word of a shell, which MLflow leaves as it is."""
    return shlex.quote(text).replace("{", "{{").replace("}", "}}")

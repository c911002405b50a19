"""The scripts offered for a type, with what the scan read and what users decided."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from registry_app.arguments.parameters import COMMAND, Parameter
from registry_app.arguments.secret_names import shown
from registry_app.arguments.starts import Start, function_of
from registry_app.files.core_scripts import is_core
from registry_app.models import EntryPoint, Experiment, Script
from runs_app.runner.command.launcher import module_of
from runs_app.runner.command.literals import fixed_values, implied_parameters
from runs_app.trainers import core


@dataclass(frozen=True, kw_only=True)
class ScriptChoice:
    """A script that is offered for a type, with what is known about its command line.

    `start` is a way to start it of `arguments.starts`, '' to leave that to the portal.
    `fixed` maps names to values that are passed even if not given; `fixed_values` are set in the
    script itself. `commands` are its sub-commands, None if unknown. `of_commands` has the
    parameters of each sub-command, {} if no run chooses one. `starts_another` is the type
    that the script does by default, if it is unknown how the requested type is started.
    """

    path: str
    label: str
    parameters: tuple[Parameter, ...]
    parameters_known: bool
    args_template: str
    is_default: bool
    start: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    fixed_values: tuple[dict[str, str], ...] = ()
    commands: tuple[str, ...] | None = None
    of_commands: Mapping[str, tuple[Parameter, ...]] = field(default_factory=dict)
    starts_another: str = ""


def types_of(experiment: Experiment) -> set[str]:
    """Return the types for which an experiment has an entry point or a script."""
    found = {entry.type for entry in experiment.entry_points.all()}
    return found | {kind for script in experiment.scripts.all() for kind in script.types}


def script_choices(experiment: Experiment, type: str) -> list[ScriptChoice]:  # noqa: A002
    """Return the scripts for `type`: the default first, then the other matching ones, by path."""
    entry = entry_point(experiment, type)
    rows = _rows_of(experiment, entry)
    default = entry.default_script if entry else ""
    patterns = entry.patterns if entry else []
    fitting = [
        path
        for path, row in sorted(rows.items())
        if path != default and not is_core(path) and (type in row.types or matches(path, patterns))
    ]
    return [
        choice_of(path, rows.get(path), entry, type)
        for path in ([default] if default else []) + fitting
    ]


def script_choice(experiment: Experiment, type: str, path: str) -> ScriptChoice:  # noqa: A002
    """Return what is known about one script, whether it is offered for `type` or not."""
    entry = entry_point(experiment, type)
    return choice_of(path, _rows_of(experiment, entry).get(path), entry, type)


def _rows_of(experiment: Experiment, entry: EntryPoint | None) -> dict[str, Script]:
    """Return the scripts by path, and the trainer of the core repository that is the default."""
    found = {row.path: row for row in experiment.scripts.all()}
    return found | core.scripts_of([entry] if entry is not None else [])


def entry_point(experiment: Experiment, type: str) -> EntryPoint | None:  # noqa: A002
    return next((row for row in experiment.entry_points.all() if row.type == type), None)


def choice_of(path: str, row: Script | None, entry: EntryPoint | None, kind: str) -> ScriptChoice:
    """Join what the scan read with what users decided, which applies only to the default."""
    is_default = entry is not None and entry.default_script == path
    curated = entry.parameters if entry is not None and is_default else []
    start = _start_of(row, kind)
    read = tuple(
        Parameter.from_json(item)
        for item in start.get("parameters", row.parameters if row is not None else ())
    )
    template: str = start.get("args_template", row.args_template if row is not None else "")
    if entry is not None and is_default:
        template = entry.args_template
    # Values entered by a user are passed.
    own = tuple(replace(Parameter.from_json(item), fixed=True) for item in curated)
    parameters = _with_choice(own or read, read, start.get("fixed", {}))
    commands = None if row is None or row.commands is None else tuple(row.commands)
    of_commands = _of_commands(row, start)
    parameters += _chooser(of_commands, parameters)
    is_known = bool(curated) or bool(row and row.parameters_known)
    if not is_known:
        parameters += implied_parameters(template, parameters)
    return ScriptChoice(
        path=path,
        label=_("{script} (default)").format(script=path) if is_default else path,
        parameters=parameters,
        parameters_known=is_known,
        args_template=template,
        is_default=is_default,
        start=_way_of(path, start, entry, is_default=is_default),
        commands=commands,
        of_commands=of_commands,
        fixed=fixed_values(template, parameters, commands),
        fixed_values=tuple(_shown(value) for value in row.fixed_values) if row else (),
        starts_another=row.types[0] if row is not None and _is_start_unknown(row, kind) else "",
    )


def _of_commands(row: Script | None, start: Mapping[str, Any]) -> dict[str, tuple[Parameter, ...]]:
    """Return the parameters of each sub-command, {} if the type chooses one."""
    if row is None or "parameters" in start:
        return {}
    return {
        command: tuple(map(Parameter.from_json, parameters))
        for command, parameters in row.command_parameters.items()
    }


def _chooser(
    of_commands: Mapping[str, Sequence[Parameter]], parameters: Sequence[Parameter]
) -> tuple[Parameter, ...]:
    """Return the parameter that chooses a sub-command, where a script can do without one."""
    if not of_commands or any(parameter.name == COMMAND for parameter in parameters):
        return ()
    return (Parameter(name=COMMAND, positional=True, nargs="?", choices=tuple(of_commands)),)


def _start_of(row: Script | None, kind: str) -> Mapping[str, Any]:
    """Return what a scan found about how a type of a script is started, {} if nothing."""
    starts: Mapping[str, Any] = (row.type_starts if row is not None else None) or {}
    found: Mapping[str, Any] = starts.get(kind, {})
    return found


def _way_of(
    path: str, found: Mapping[str, Any], entry: EntryPoint | None, *, is_default: bool
) -> str:
    """Return the way to start a script: what was decided for the default, else what a scan found.

    Other Python scripts of the entry point are started as its default is, except by the name of a
    function, which is the default's own, and as a module that their path cannot name.
    """
    decided = entry.start if entry is not None else ""
    folder = entry.working_directory if entry is not None else ""
    if is_default:
        return decided
    read = str(found.get("start", ""))
    is_own = bool(function_of(decided)) or not path.endswith(".py")
    if decided == Start.MODULE:
        is_own = is_own or not module_of(PurePosixPath(os.path.relpath(path, folder or ".")))
    return read or ("" if is_own else decided)


def _is_start_unknown(row: Script, kind: str) -> bool:
    """Whether a scan found several types in a script, but not how to start this one."""
    if row.type_starts is None or kind not in row.types or len(row.types) < 2:
        return False
    return kind not in row.type_starts


def _with_choice(
    parameters: tuple[Parameter, ...], read: Sequence[Parameter], chosen: Mapping[str, Any]
) -> tuple[Parameter, ...]:
    """Return the parameters with the value that chooses the type, unless a user fixed another."""
    known = {parameter.name for parameter in parameters}
    parameters += tuple(
        parameter for parameter in read if parameter.name in chosen and parameter.name not in known
    )
    return tuple(
        replace(parameter, default=chosen[parameter.name], default_expr="", fixed=True)
        if parameter.name in chosen and not (parameter.fixed and parameter.default is not None)
        else parameter
        for parameter in parameters
    )


def _shown(fixed: dict[str, str]) -> dict[str, str]:
    """Return a value set in the script, as a page may show it."""
    return fixed | {"value": shown(fixed["name"], fixed["value"])}


def matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)

"""The scripts that are offered for a type, with what the scan read and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from django.utils.translation import gettext as _

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.secret_names import shown
from registry_app.models import EntryPoint, Experiment, Script


@dataclass(frozen=True, kw_only=True)
class ScriptChoice:
    """A script that is offered for a type, with what is known of its command line."""

    path: str
    label: str
    parameters: tuple[Parameter, ...]
    parameters_known: bool
    args_template: str
    is_default: bool
    fixed_values: tuple[dict[str, str], ...] = ()


def script_choices(experiment: Experiment, type: str) -> list[ScriptChoice]:  # noqa: A002
    """Return the scripts for `type`: the default first, then those that fit, by path."""
    entry = entry_point(experiment, type)
    rows = {row.path: row for row in experiment.scripts.all()}
    default = entry.default_script if entry else ""
    patterns = entry.patterns if entry else []
    fitting = [
        path
        for path, row in sorted(rows.items())
        if path != default and (type in row.types or matches(path, patterns))
    ]
    return [
        choice_of(path, rows.get(path), entry) for path in ([default] if default else []) + fitting
    ]


def script_choice(experiment: Experiment, type: str, path: str) -> ScriptChoice:  # noqa: A002
    """Return what is known of one script, whether it is offered for `type` or not."""
    row = next((row for row in experiment.scripts.all() if row.path == path), None)
    return choice_of(path, row, entry_point(experiment, type))


def entry_point(experiment: Experiment, type: str) -> EntryPoint | None:  # noqa: A002
    return next((row for row in experiment.entry_points.all() if row.type == type), None)


def choice_of(path: str, row: Script | None, entry: EntryPoint | None) -> ScriptChoice:
    """Join what the scan read with what people decided, which counts for the default alone."""
    is_default = entry is not None and entry.default_script == path
    curated = entry.parameters if entry is not None and is_default else []
    read = row.parameters if row else []
    return ScriptChoice(
        path=path,
        label=_("{script} (default)").format(script=path) if is_default else path,
        parameters=tuple(Parameter.from_json(one) for one in curated or read),
        parameters_known=bool(curated) or bool(row and row.parameters_known),
        args_template=entry.args_template
        if entry is not None and is_default
        else (row.args_template if row else ""),
        is_default=is_default,
        fixed_values=tuple(_shown(one) for one in row.fixed_values) if row else (),
    )


def _shown(fixed: dict[str, str]) -> dict[str, str]:
    """Return a value that stands in the script as a page may show it."""
    return fixed | {"value": shown(fixed["name"], fixed["value"])}


def matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)

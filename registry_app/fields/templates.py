"""Check argument templates that are written, and report what is wrong.

The names in a template are checked against the parameters of its script: those that users wrote,
else those that the last scan read. If they are unknown, every name is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import TemplateRefusedError, check_names, parse_template
from registry_app.fields.names import split_field
from registry_app.messages import Message
from registry_app.models import Experiment, Script

# Whether a template fits its script depends on these fields of an entry point.
DECIDING = frozenset({"default", "args_template", "parameters"})
# A database limits the number of parameters in a query.
MAX_NAMED = 1000


def template_problem(experiment: Experiment, fields: Mapping[str, Any]) -> Message | None:
    """Return why the template among the `fields` of an entry point does not fit its script.

    `fields` are named as in the registry file. None if it fits, or if the parameters are unknown.
    """
    script = fields.get("default") or ""
    row = None
    if script and experiment.pk is not None:
        row = Script.objects.filter(experiment=experiment, path=script).first()
    return _problem(row, fields)


def plan_problems(
    written: Mapping[str, Mapping[str, Any]], present: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, Message]]:
    """Yield experiment, dotted prefix and message of each template that does not fit its script.

    `written` has the fields to be written by experiment, `present` all existing ones. Existing
    problems in untouched fields are not reported. One query.
    """
    touched = [
        (name, kind, _fields_after(present.get(name, {}), values, kind))
        for name, values in written.items()
        for kind in sorted({kind for kind, field in map(split_field, values) if field in DECIDING})
        if kind
    ]
    if not touched:
        return
    scripts = _scripts(
        {(name, str(fields.get("default") or "")) for name, _kind, fields in touched}
    )
    for name, kind, fields in touched:
        problem = _problem(scripts.get((name, fields.get("default") or "")), fields)
        if problem:
            yield name, f"entry_points.{kind}", problem


def _scripts(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Script]:
    """Return the scripts of these experiments and paths; one query, for all if they are many."""
    rows = Script.objects.select_related("experiment").only(
        "path", "parameters", "parameters_known", "experiment__name"
    )
    names = {name for name, _path in wanted}
    if len(names) <= MAX_NAMED:
        rows = rows.filter(experiment__name__in=names)
    found = ((row.experiment.name, row.path, row) for row in rows.iterator(chunk_size=2000))
    return {(name, path): row for name, path, row in found if (name, path) in wanted}


def _fields_after(
    present: Mapping[str, Any], values: Mapping[str, Any], kind: str
) -> dict[str, Any]:
    after = {**present, **values}
    return {name: after.get(f"entry_points.{kind}.{name}") for name in DECIDING}


def _problem(script: Script | None, fields: Mapping[str, Any]) -> Message | None:
    parameters = _known_parameters(script, fields.get("parameters") or ())
    if not fields.get("default") or parameters is None:
        return None
    try:
        words = parse_template(fields.get("args_template") or "")
        check_names(words, parameters, script=fields["default"])
    except TemplateRefusedError as error:
        return error.message
    return None


def _known_parameters(
    script: Script | None, curated: Sequence[Mapping[str, Any]]
) -> tuple[Parameter, ...] | None:
    """Return the parameters that a run would use for a script, None if they are unknown."""
    if not curated and (script is None or not script.parameters_known):
        return None
    read = script.parameters if script is not None else ()
    return tuple(Parameter.from_json(dict(row)) for row in curated or read)

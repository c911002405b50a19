"""The fields of an experiment by their dotted names, the same for files, rows and people.

A flat mapping from `site.customer`, `entry_points.train.default`, ... to plain values is what
plans compare: texts, lists, whole numbers; None, '' and [] all mean that nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.choices import EntryPointType
from registry_app.document.model import (
    EntryPointDocument,
    ExperimentDocument,
    ResourcesDocument,
    SiteDocument,
    TaskDocument,
)
from registry_app.models import EntryPoint, Experiment

EXPERIMENT_COLUMNS = {
    "path": "path",
    "task.type": "task_type",
    "task.classes": "classes",
    "stage": "stage_held",
    "owner": "owner",
    "notes": "notes",
    "aliases": "aliases",
}
ENTRY_POINT_COLUMNS = {
    "default": "default_script",
    "patterns": "patterns",
    "args_template": "args_template",
    "parameters": "parameters",
    "interpreter": "interpreter",
    "resources.gpus": "gpus",
    "resources.gpu_memory_mib": "gpu_memory_mib",
    "resources.timeout_s": "timeout_s",
    "resources.grace_s": "grace_s",
    "resources.overlap": "overlap",
    "resources.log_limit_mib": "log_limit_mib",
    "resources.background": "background",
}
SITE_FIELDS = ("site.customer", "site.region", "site.plant", "site.zone")
_PREFIX = "entry_points."


def is_empty(value: Any) -> bool:
    """Whether a value says nothing; False and 0 say something."""
    return value is None or value in ("", [], ())


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same; 1 and True do not."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    return type(one) is type(other) and bool(one == other)


def split_field(field: str) -> tuple[str, str]:
    """Return the entry-point type and the field in it; ('', field) for one of the experiment."""
    if field.startswith(_PREFIX):
        kind, _, rest = field.removeprefix(_PREFIX).partition(".")
        return kind, rest
    return "", field


def fields_of_document(document: ExperimentDocument) -> dict[str, Any]:
    """Return every field that a document speaks of, also where it says that it is empty."""
    site, task = document.site, document.task
    said: dict[str, Any] = {
        "path": document.path,
        "site.customer": site.customer,
        "site.region": site.region,
        "site.plant": site.plant,
        "site.zone": site.zone,
        "task.type": task.type,
        "task.classes": _listed(task.classes),
        "stage": document.stage,
        "owner": document.owner,
        "notes": document.notes,
        "aliases": _listed(document.aliases),
    }
    for kind in EntryPointType.values:
        if kind in document.entry_points:
            said |= _fields_of_entry_point(kind, document.entry_points[kind])
    return {field: value for field, value in said.items() if value is not None}


def fields_of_row(experiment: Experiment) -> dict[str, Any]:
    """Return every field of a row; its zone and entry points should have been fetched with it."""
    return fields_of(experiment, experiment.entry_points.all())


def fields_of(experiment: Experiment, entry_points: Iterable[EntryPoint]) -> dict[str, Any]:
    """Return every field of a row and its entry points; its zone should have been fetched."""
    zone = experiment.zone
    site = zone.site if zone else None
    values: dict[str, Any] = {
        "site.customer": site.customer.name if site else "",
        "site.region": site.region if site else "",
        "site.plant": site.plant if site else "",
        "site.zone": zone.name if zone else "",
    }
    values |= {field: getattr(experiment, name) for field, name in EXPERIMENT_COLUMNS.items()}
    for row in entry_points:
        values |= {
            f"{_PREFIX}{row.type}.{field}": getattr(row, name)
            for field, name in ENTRY_POINT_COLUMNS.items()
        }
    return values


def document_of_row(experiment: Experiment) -> ExperimentDocument:
    """Return a row as a document that says all that is set, and nothing of what is empty."""
    values = {
        field: value for field, value in fields_of_row(experiment).items() if not is_empty(value)
    }
    return ExperimentDocument(
        name=experiment.name,
        path=experiment.path,
        site=SiteDocument(**{field.partition(".")[2]: values.get(field) for field in SITE_FIELDS}),
        task=TaskDocument(type=values.get("task.type"), classes=_tuple(values.get("task.classes"))),
        entry_points={
            row.type: _entry_point_document(row)
            for row in sorted(experiment.entry_points.all(), key=_order)
        },
        stage=values.get("stage"),
        owner=values.get("owner"),
        notes=values.get("notes"),
        aliases=_tuple(values.get("aliases")),
    )


def _fields_of_entry_point(kind: str, document: EntryPointDocument) -> dict[str, Any]:
    said: dict[str, Any] = {
        "default": document.default,
        "patterns": _listed(document.patterns),
        "args_template": document.args_template,
        "parameters": None
        if document.parameters is None
        else [row.to_json(curated_only=True) for row in document.parameters],
        "interpreter": document.interpreter,
    }
    said |= {
        field: getattr(document.resources, field.partition(".")[2])
        for field in ENTRY_POINT_COLUMNS
        if field.startswith("resources.")
    }
    return {f"{_PREFIX}{kind}.{field}": value for field, value in said.items()}


def _entry_point_document(row: EntryPoint) -> EntryPointDocument:
    resources: Mapping[str, Any] = {
        field.partition(".")[2]: getattr(row, name)
        for field, name in ENTRY_POINT_COLUMNS.items()
        if field.startswith("resources.")
    }
    return EntryPointDocument(
        default=row.default_script or None,
        patterns=_tuple(row.patterns or None),
        args_template=row.args_template or None,
        parameters=tuple(Parameter.from_json(one) for one in row.parameters) or None,
        interpreter=row.interpreter or None,
        resources=ResourcesDocument(**resources),
    )


def _order(row: EntryPoint) -> int:
    return EntryPointType.values.index(row.type)


def _listed(values: Iterable[str] | None) -> list[str] | None:
    return None if values is None else list(values)


def _tuple(values: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)

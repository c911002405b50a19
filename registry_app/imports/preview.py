"""What a page shows of a plan: all counts, and as many rows as fit on a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from registry_app.arguments.secret_text import masked
from registry_app.arguments.variables import to_lines
from registry_app.changes.plan import ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.exceptions import Problem
from registry_app.messages import to_rows
from registry_app.models import EntryPoint

PARAMETERS = ".parameters"
Marks = dict[tuple[str, str], list[Any]]

# The number of rows shown of each list, and of characters of a value.
MAX_SHOWN = 100
MAX_NAMES = 200
MAX_CHARACTERS = 400


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """One experiment, customer, place or word that changes, and its changes."""

    name: str
    action: str
    changes: tuple[ShownChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Names:
    """Unchanged experiments: their number, and the first of them."""

    action: str
    total: int
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    """A problem; `message` is a message as JSON, and a plain text in an older preview."""

    message: Any
    line: int | None = None
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A plan, or the problems that prevented one; `left_out` counts the rows that are not shown.

    Serializable as JSON, because a worker makes it and a page shows it.
    """

    counts: dict[str, int] = field(default_factory=dict)
    changes_something: bool = False
    confirmed: int = 0
    rows: tuple[ShownRow, ...] = ()
    rows_left_out: int = 0
    untouched: tuple[Names, ...] = ()
    remarks: tuple[Any, ...] = ()
    warnings: tuple[ShownProblem, ...] = ()
    warnings_total: int = 0
    problems: tuple[ShownProblem, ...] = ()
    problems_total: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Preview:
        """Read the output of `to_json`."""
        rows = tuple(
            ShownRow(
                **{**row, "changes": tuple(ShownChange(**change) for change in row["changes"])}
            )
            for row in data["rows"]
        )
        untouched = tuple(
            Names(**{**row, "names": tuple(row["names"])}) for row in data["untouched"]
        )
        lists = {
            name: tuple(ShownProblem(**problem) for problem in data[name])
            for name in ("warnings", "problems")
        }
        # A preview of the former version has none.
        remarks = tuple(data.get("remarks", ()))
        return cls(**{**data, "rows": rows, "untouched": untouched, "remarks": remarks, **lists})


def preview_of(plan: Plan) -> Preview:
    """Return the preview of a plan: changes first, unchanged rows last."""
    order = list(PlanAction)
    changed = sorted(
        (experiment for experiment in plan.experiments if experiment.changes),
        key=lambda planned: (order.index(planned.action), planned.name),
    )
    marks = _marks(changed[:MAX_SHOWN])
    rows = [
        *_customers(plan),
        *_places(plan),
        *_words(plan),
        *(_shown(planned, marks) for planned in changed[:MAX_SHOWN]),
    ]
    total = len(rows) + max(0, len(changed) - MAX_SHOWN)
    names = {
        action: [experiment.name for experiment in plan.experiments if experiment.action is action]
        for action in (PlanAction.UNCHANGED, PlanAction.MISSING)
    }
    names[PlanAction.UNCHANGED] += [
        str(place.place) for place in plan.places if place.action is PlanAction.UNCHANGED
    ]
    return Preview(
        counts=plan.counts,
        changes_something=not plan.is_empty,
        confirmed=plan.confirmed,
        rows=tuple(rows[:MAX_SHOWN]),
        rows_left_out=max(0, total - MAX_SHOWN),
        untouched=tuple(
            Names(action=action, total=len(found), names=tuple(found[:MAX_NAMES]))
            for action, found in names.items()
            if found
        ),
        remarks=tuple(to_rows(plan.remarks)),
        warnings=_problems(plan.warnings),
        warnings_total=len(plan.warnings),
    )


def preview_of_problems(problems: Sequence[Problem]) -> Preview:
    """Return the preview of a refused file."""
    return Preview(problems=_problems(problems), problems_total=len(problems))


def _problems(problems: Sequence[Problem]) -> tuple[ShownProblem, ...]:
    shown = problems[:MAX_NAMES]
    return tuple(
        ShownProblem(message=message, line=problem.line, column=problem.column)
        for problem, message in zip(
            shown, to_rows((problem.message for problem in shown), max_characters=2000), strict=True
        )
    )


def _customers(plan: Plan) -> Iterable[ShownRow]:
    changes: dict[str, list[ShownChange]] = {}
    for customer in plan.customers:
        change = ShownChange(
            field=customer.field, old=_cut(customer.old_text), new=_cut(customer.new_text)
        )
        changes.setdefault(customer.name, []).append(change)
    made = {place.place.customer for place in plan.places if place.action is PlanAction.CREATE}
    for name, shown in changes.items():
        action = PlanAction.CREATE if name in made else PlanAction.UPDATE
        yield ShownRow(name=name, action=action, changes=tuple(shown))


def _places(plan: Plan) -> Iterable[ShownRow]:
    new_customers = {customer.name for customer in plan.customers}
    for place in plan.places:
        if place.action is PlanAction.CREATE and str(place.place) not in new_customers:
            yield ShownRow(name=str(place.place), action=place.action)


def _words(plan: Plan) -> Iterable[ShownRow]:
    for word in plan.words:
        changes = tuple(_shown_change(change, ()) for change in word.fields)
        action = PlanAction.CREATE if word.old is None else PlanAction.UPDATE
        yield ShownRow(name=f"vocabulary.{word.word}", action=action, changes=changes)


def _marks(some: Sequence[ExperimentPlan]) -> Marks:
    """Return, by experiment and entry point, the parameters that mark secrets in a template."""
    marks: Marks = {}
    for planned in some:
        for change in planned.changes:
            if change.field.endswith(PARAMETERS):
                rows = marks.setdefault((planned.name, change.field.removesuffix(PARAMETERS)), [])
                rows += [*(change.old or ()), *(change.new or ())]
    templates = {
        planned.name
        for planned in some
        if any(change.field.endswith(".args_template") for change in planned.changes)
    }
    if templates:
        stored = EntryPoint.objects.filter(experiment__name__in=templates)
        for name, kind, parameters in stored.values_list("experiment__name", "type", "parameters"):
            marks.setdefault((name, f"entry_points.{kind}"), []).extend(parameters)
    return marks


def _shown(planned: ExperimentPlan, marks: Marks) -> ShownRow:
    changes = tuple(
        _shown_change(change, marks.get((planned.name, change.field.rpartition(".")[0]), ()))
        for change in planned.changes
    )
    return ShownRow(name=planned.name, action=planned.action, changes=changes)


def _shown_change(change: FieldChange, parameters: Sequence[Any]) -> ShownChange:
    return ShownChange(
        field=change.field,
        old=_cut(_as_text(masked(change.field, change.old, parameters))),
        new=_cut(_as_text(masked(change.field, change.new, parameters))),
    )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(_as_text(item) for item in value)
    return to_lines(value).replace("\n", ", ") if isinstance(value, dict) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"

"""What a page shows of a plan: the numbers whole, the rows as far as a page can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from registry_app.arguments.secret_text import masked
from registry_app.changes.plan import ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.exceptions import Problem
from registry_app.models import EntryPoint

PARAMETERS = ".parameters"
Marks = dict[tuple[str, str], list[Any]]

# So many rows of each list are shown, and so many characters of a value.
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
    """One experiment, customer or place that changes, and what of it."""

    name: str
    action: str
    changes: tuple[ShownChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Names:
    """Experiments that stay as they are: how many, and the first of them."""

    action: str
    total: int
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    message: str
    line: int | None = None
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A plan, or the problems that kept one from being made; `left_out` counts what is not shown.

    Goes to JSON and back, as a worker makes it and a page shows it.
    """

    counts: dict[str, int] = field(default_factory=dict)
    changes_something: bool = False
    rows: tuple[ShownRow, ...] = ()
    rows_left_out: int = 0
    untouched: tuple[Names, ...] = ()
    warnings: tuple[ShownProblem, ...] = ()
    warnings_total: int = 0
    problems: tuple[ShownProblem, ...] = ()
    problems_total: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Preview:
        """Read what `to_json` wrote."""
        rows = tuple(
            ShownRow(**{**row, "changes": tuple(ShownChange(**one) for one in row["changes"])})
            for row in data["rows"]
        )
        untouched = tuple(
            Names(**{**row, "names": tuple(row["names"])}) for row in data["untouched"]
        )
        lists = {
            name: tuple(ShownProblem(**one) for one in data[name])
            for name in ("warnings", "problems")
        }
        return cls(**{**data, "rows": rows, "untouched": untouched, **lists})


def preview_of(plan: Plan) -> Preview:
    """Return what is shown of a plan: what changes first, what stays as it is last."""
    order = list(PlanAction)
    changed = sorted(
        (one for one in plan.experiments if one.changes),
        key=lambda one: (order.index(one.action), one.name),
    )
    marks = _marks(changed[:MAX_SHOWN])
    rows = [*_customers(plan), *_places(plan), *(_shown(one, marks) for one in changed[:MAX_SHOWN])]
    total = len(rows) + max(0, len(changed) - MAX_SHOWN)
    names = {
        action: [one.name for one in plan.experiments if one.action is action]
        for action in (PlanAction.UNCHANGED, PlanAction.MISSING)
    }
    names[PlanAction.UNCHANGED] += [
        str(one.place) for one in plan.places if one.action is PlanAction.UNCHANGED
    ]
    return Preview(
        counts=plan.counts,
        changes_something=not plan.is_empty,
        rows=tuple(rows[:MAX_SHOWN]),
        rows_left_out=max(0, total - MAX_SHOWN),
        untouched=tuple(
            Names(action=action, total=len(found), names=tuple(found[:MAX_NAMES]))
            for action, found in names.items()
            if found
        ),
        warnings=_problems(plan.warnings),
        warnings_total=len(plan.warnings),
    )


def preview_of_problems(problems: Sequence[Problem]) -> Preview:
    """Return what is shown of a file that was refused."""
    return Preview(problems=_problems(problems), problems_total=len(problems))


def _problems(problems: Sequence[Problem]) -> tuple[ShownProblem, ...]:
    return tuple(
        ShownProblem(message=one.message[:2000], line=one.line, column=one.column)
        for one in problems[:MAX_NAMES]
    )


def _customers(plan: Plan) -> Iterable[ShownRow]:
    changes: dict[str, list[ShownChange]] = {}
    for one in plan.customers:
        change = ShownChange(field=one.field, old=_cut(one.old_text), new=_cut(one.new_text))
        changes.setdefault(one.name, []).append(change)
    made = {one.place.customer for one in plan.places if one.action is PlanAction.CREATE}
    for name, shown in changes.items():
        action = PlanAction.CREATE if name in made else PlanAction.UPDATE
        yield ShownRow(name=name, action=action, changes=tuple(shown))


def _places(plan: Plan) -> Iterable[ShownRow]:
    told = {one.name for one in plan.customers}
    for one in plan.places:
        if one.action is PlanAction.CREATE and str(one.place) not in told:
            yield ShownRow(name=str(one.place), action=one.action)


def _marks(some: Sequence[ExperimentPlan]) -> Marks:
    """Return the parameters by experiment and entry point that say what of a template is secret."""
    marks: Marks = {}
    for one in some:
        for change in one.changes:
            if change.field.endswith(PARAMETERS):
                said = marks.setdefault((one.name, change.field.removesuffix(PARAMETERS)), [])
                said += [*(change.old or ()), *(change.new or ())]
    templates = {
        one.name
        for one in some
        if any(change.field.endswith(".args_template") for change in one.changes)
    }
    if templates:
        stored = EntryPoint.objects.filter(experiment__name__in=templates)
        for name, kind, parameters in stored.values_list("experiment__name", "type", "parameters"):
            marks.setdefault((name, f"entry_points.{kind}"), []).extend(parameters)
    return marks


def _shown(one: ExperimentPlan, marks: Marks) -> ShownRow:
    changes = tuple(
        _shown_change(change, marks.get((one.name, change.field.rpartition(".")[0]), ()))
        for change in one.changes
    )
    return ShownRow(name=one.name, action=one.action, changes=changes)


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
        return ", ".join(_as_text(one) for one in value)
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"

"""The figures above the fold: how good a run is and beside what, or why it failed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from runs_app.choices import ENDED_BADLY, Direction, RunStatus
from runs_app.comparing.main_metric import MetricRule, main_metric_of
from runs_app.comparing.metric_names import short_name
from runs_app.comparing.parameters import changes
from runs_app.comparing.standing import Beside
from runs_app.comparing.wording import data_text, difference, metric_text
from runs_app.models import Run
from runs_app.overview.failures import WEEK, failed_address, label_of
from runs_app.records.curves import Curve, curves_of
from runs_app.records.logs.errors import LogPlace, place_of_cause
from runs_app.views.compare.chosen import address
from runs_app.views.page.time_left import usual_text
from runs_app.views.table.states import short_duration


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value with its name; `more` says what makes it comparable, `address` shows its proof."""

    label: str
    value: str
    small: str = ""
    more: str = ""
    tone: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """The main metric of a run so far: `now` its last value, `best` its best one."""

    name: str
    direction: Direction
    now: float | None
    best: float | None
    step: int | None
    curve: Curve | None


def figures_of(run: Run, others: Beside) -> list[Figure]:
    """Return what the page shows first; one query at most."""
    if run.status in ENDED_BADLY:
        return _of_failure(run, others)
    if run.started_at is None:
        return []
    measured = _measured(run, main_metric_of(run.experiment.task_type))
    return [*_of_metric(run, others, measured), _duration(run, others), *_data(run), *_memory(run)]


def _of_metric(run: Run, others: Beside, measured: _Measured) -> list[Figure]:
    value = measured.now if run.is_active else measured.best
    if value is None:
        return []
    name = short_name(measured.name)
    at = "" if measured.step is None else _("step {step}").format(step=measured.step)
    best = metric_text(measured.name, measured.best)
    if run.is_active:
        label = _("{metric} now").format(metric=name)
        more = _("best {value}, {step}").format(value=best, step=at)
    else:
        label, more = name, _("best value, {step}").format(step=at) if at else _("best value")
    figure = Figure(
        label=visible(label),
        value=metric_text(measured.name, value),
        more=more,
        address="#curves",
    )
    return [figure, *_against(run, others, measured, value)]


def _against(run: Run, others: Beside, measured: _Measured, value: float) -> list[Figure]:
    """Return how the value differs from that of the best run, or of the best before it."""
    is_best = others.best is not None and others.best.pk == run.pk
    other = _best_of(others, measured.direction) if is_best else others.best
    if other is None or other.main_value is None:
        return [Figure(label=_("Compared"), value=_("first of its kind"), more=_not_compared(run))]
    delta = difference(value, other.main_value, measured.direction)
    label = _("Better than #{number}") if is_best else _("Against the best, #{number}")
    more = _("★ the best so far") if is_best else _same_step(run, other, measured)
    return [
        Figure(
            label=label.format(number=other.pk),
            value=delta.text,
            small=metric_text(measured.name, other.main_value),
            more=more,
            tone={True: "good", False: "bad", None: ""}[delta.is_better],
            address=address([other.pk, run.pk]),
        )
    ]


def _same_step(run: Run, other: Run, measured: _Measured) -> str:
    """Return what the other run had reached at the step that this one has reached."""
    if not run.is_active or measured.curve is None:
        return _("of the same data and classes")
    step = measured.curve.steps[-1]
    curve = next((one for one in curves_of(other.folder) if one.name == measured.name), None)
    values = dict(zip(curve.steps, curve.values, strict=True)) if curve else {}
    if step not in values:
        return _("of the same data and classes")
    then = metric_text(measured.name, values[step])
    return _("it had {value} at step {step}").format(value=then, step=step)


def _best_of(others: Beside, direction: Direction) -> Run | None:
    known = [run for run in others.earlier if run.main_value is not None]
    sign = 1 if direction == Direction.DOWN else -1
    return min(known, key=lambda run: sign * (run.main_value or 0), default=None)


def _not_compared(run: Run) -> str:
    return _("no earlier run with the same data") if run.data_key else _("data not known")


def _measured(run: Run, rule: MetricRule) -> _Measured:
    curves = curves_of(run.folder)
    name = run.main_metric or rule.main_of(curve.name for curve in curves)
    direction = rule.direction_of(name)
    curve = next((curve for curve in curves if curve.name == name), None)
    finite = [at for at, value in enumerate(curve.values) if math.isfinite(value)] if curve else []
    if curve is None or not finite:
        value = run.main_value
        return _Measured(
            name=name, direction=direction, now=value, best=value, step=None, curve=None
        )
    sign = 1 if direction == Direction.DOWN else -1
    best = min(finite, key=lambda at: sign * curve.values[at])
    return _Measured(
        name=name,
        direction=direction,
        now=curve.values[finite[-1]],
        best=curve.values[best],
        step=curve.steps[best],
        curve=curve,
    )


def _of_failure(run: Run, others: Beside) -> list[Figure]:
    place = place_of_cause(run.folder, run.cause.get("line", ""))
    found = [
        Figure(
            label=_("Cause"),
            value=label_of(run.cause.get("code", "")),
            more=_place_text(place) if place else _("no line of the log shows it"),
            tone="bad" if run.cause else "",
            address=log_address(place) if place else "#log",
        )
    ]
    found += _changed_since_success(run, others)
    if run.cause and run.status == RunStatus.FAILED:
        found.append(_same_cause(run))
    return [*found, _duration(run, others), *_memory(run)]


def log_address(place: LogPlace) -> str:
    """Return the part of an address that opens the log at a place."""
    return f"#log-{place.stream}-{place.offset}"


def _place_text(place: LogPlace) -> str:
    if place.line is None:
        return place.stream
    return _("{stream}, line {line}").format(stream=place.stream, line=place.line)


def _changed_since_success(run: Run, others: Beside) -> list[Figure]:
    good = others.good
    if good is None:
        return [Figure(label=_("Last success"), value=_("none before it"))]
    changed = changes(good.params, run.params, secrets={*run.secrets, *good.secrets})
    label = _("Changed since #{number} succeeded").format(number=good.pk)
    if not changed:
        return [
            Figure(
                label=label,
                value=_("no parameter"),
                more=_("source, see below"),
                address="#made-of",
            )
        ]
    name, change = next(iter(changed.items()))
    more = len(changed) - 1
    return [
        Figure(
            label=label,
            value=visible(f"{name} {change['now'] or '–'}"),
            small=visible(f"← {change['before'] or '–'}"),
            more=_("and {count} more").format(count=more) if more else "",
            address="#parameters",
        )
    ]


def _same_cause(run: Run) -> Figure:
    """Count runs that failed for the same reason lately; one query."""
    code = run.cause["code"]
    runs = Run.objects.filter(
        status__in=ENDED_BADLY, finished_at__gte=timezone.now() - WEEK, cause__code=code
    )
    found = runs.aggregate(
        all=Count("pk"), here=Count("pk", filter=Q(experiment=run.experiment_id))
    )
    return Figure(
        label=_("Same cause in 7 days"),
        value=str(found["all"]),
        more=_("{count} in this experiment").format(count=found["here"]),
        address=failed_address(code),
    )


def _duration(run: Run, others: Beside) -> Figure:
    seconds = run.duration.total_seconds() if run.duration else None
    return Figure(
        label=_("Duration"),
        value=short_duration(seconds) or "–",
        more=usual_text(others.earlier),
    )


def _data(run: Run) -> list[Figure]:
    if run.is_active:
        return []
    return [Figure(label=_("Data"), value=visible(data_text(run.data_key)), address="#made-of")]


def _memory(run: Run) -> list[Figure]:
    peak = run.gpu_memory_peak_mib
    if not peak:
        return []
    return [
        Figure(label=_("GPU memory"), value=f"{peak / 1024:.1f}", small="GiB", more=_("at most"))
    ]

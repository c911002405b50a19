"""The cells of a row: what a run is, how good, what was changed, why it failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from runs_app.choices import ENDED_BADLY, RunStatus
from runs_app.comparing.metric_names import short_name
from runs_app.comparing.wording import NOTHING, data_text, metric_text
from runs_app.models import Run
from runs_app.sentences import short_paths, short_time
from runs_app.views.table.columns import METRIC, PARAMETER, Column, Place
from runs_app.views.table.states import ago, moment, short_duration
from runs_app.views.wording import waiting_text

CHANGES_SHOWN = 3
LABELS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: classes, content, the whole content as a title, how many columns it covers."""

    css: str
    html: SafeString
    title: str = ""
    span: int = 1


@dataclass(kw_only=True)
class Measured:
    """The values of a row's chosen metrics and parameters, by name."""

    metrics: dict[str, float | None] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


def cells_of(
    run: Run, columns: tuple[Column, ...], measured: Measured, *, names_metric: bool = False
) -> list[Cell]:
    """Return the cells of a row; a cause or a queue reason covers what would be empty.

    `names_metric`: the main metric is named in each row, because rows have different ones.
    """
    covered = [column for column in columns if column.place in {Place.MEASURED, Place.CHANGED}]
    cover = _cover(run, span=len(covered)) if covered else None
    cells: list[Cell] = []
    for column in columns:
        if cover is not None and column in covered:
            if column is covered[0]:
                cells.append(cover)
            continue
        cells.append(_cell(run, column, measured, names_metric=names_metric))
    return cells


def changed_html(run: Run) -> SafeString:
    """Return the parameters that differ from the previous run, the first few of them."""
    shown = list(run.changed_params.items())[:CHANGES_SHOWN]
    more = len(run.changed_params) - len(shown)
    html = format_html_join(", ", "{}", ((_change(name, change),) for name, change in shown))
    return format_html("{} +{}", html, more) if more > 0 else html


def changed_title(run: Run) -> str:
    """Return all changed parameters with the values from before."""
    return visible(
        "\n".join(
            f"{name}: {_or_nothing(change['before'])} → {_or_nothing(change['now'])}"
            for name, change in run.changed_params.items()
        ),
        keep="\n",
    )


def is_covered(run: Run) -> bool:
    """Whether a sentence takes the place of metrics: a cause, or why a run waits."""
    if run.status in {RunStatus.QUEUED, RunStatus.STARTING, RunStatus.FAILED}:
        return True
    return run.status in ENDED_BADLY | {RunStatus.CANCELLED} and run.main_value is None


def _cover(run: Run, *, span: int) -> Cell | None:
    if not is_covered(run):
        return None
    text = conditional_escape(visible(short_paths(run.cause_text or run.status_reason)))
    place = getattr(run, "place", None)
    if place is not None or run.blocked_by:
        waiting = waiting_text(run, place)
        text = waiting if run.blocked_by else format_html("{} · {}", waiting, text)
    is_bad = run.status in ENDED_BADLY
    changed = changed_html(run)
    beside = '{} <span class="gf-quiet gf-c-beside">{}</span>'
    return Cell(
        css=f"gf-c-cover {'gf-cause' if is_bad else 'gf-quiet'}",
        html=format_html(beside, text, changed) if changed else text,
        title=visible(run.explanation, keep="\n"),
        span=span,
    )


def _cell(run: Run, column: Column, measured: Measured, *, names_metric: bool) -> Cell:
    if column.key == "main":
        return _main(run, is_named=names_metric)
    if column.key.startswith(METRIC):
        return _metric(run, column, measured)
    if column.key.startswith(PARAMETER):
        text = visible(measured.parameters.get(column.name, ""))
        return Cell(css="gf-c-given gf-num", html=conditional_escape(text), title=text)
    return _CELLS[column.key](run)


def _metric(run: Run, column: Column, measured: Measured) -> Cell:
    if column.name not in measured.metrics:
        return Cell(css="gf-c-metric gf-num", html=SafeString(""))
    text = metric_text(column.name, measured.metrics[column.name])
    return Cell(css="gf-c-metric gf-num", html=conditional_escape(text))


def _type(run: Run) -> Cell:
    script = visible(run.script)
    return Cell(
        css="gf-c-type",
        html=format_html('{} <span class="gf-quiet">{}</span>', run.get_type_display(), script),
        title=script,
    )


def _main(run: Run, *, is_named: bool) -> Cell:
    css = "gf-c-main gf-num"
    if run.is_active:
        return Cell(css=css, html=SafeString(""))
    if not run.is_summarised:
        return Cell(
            css=f"{css} gf-quiet",
            html=conditional_escape(_("not yet")),
            title=_("not computed yet"),
        )
    if run.main_value is None:
        return Cell(css=f"{css} gf-quiet", html=conditional_escape(NOTHING))
    text = conditional_escape(metric_text(run.main_metric, run.main_value))
    if is_named:
        name = visible(short_name(run.main_metric))
        text = format_html('<span class="gf-quiet">{}</span> {}', name, text)
    title = f"{visible(run.main_metric)} · {visible(data_text(run.data_key))}"
    if not run.is_best:
        return Cell(css=f"{css} gf-strong", html=text, title=title)
    best = _("best of its experiment, type, classes and data")
    return Cell(
        css=f"{css} gf-best",
        html=format_html('<span role="img" aria-label="{}">★</span> {}', best, text),
        title=f"{best}\n{title}",
    )


def _changed(run: Run) -> Cell:
    if run.status in {RunStatus.TIMED_OUT, RunStatus.CANCELLED, RunStatus.LOST, RunStatus.ERRORED}:
        text = visible(run.status_reason)
        return Cell(css="gf-c-changed gf-quiet", html=conditional_escape(text), title=text)
    html = changed_html(run)
    return Cell(css="gf-c-changed", html=html, title=changed_title(run))


def _took(run: Run) -> Cell:
    seconds = run.duration_s
    if seconds is None and run.duration is not None:
        seconds = run.duration.total_seconds()
    css = "gf-c-took gf-num gf-live" if run.is_active else "gf-c-took gf-num gf-quiet"
    return Cell(css=css, html=conditional_escape(short_duration(seconds)))


def _when(run: Run) -> Cell:
    lines = [
        _("queued {time}").format(time=short_time(run.queued_at)),
        _("started {time}").format(time=short_time(run.started_at)) if run.started_at else "",
        _("finished {time}").format(time=short_time(run.finished_at)) if run.finished_at else "",
    ]
    return Cell(
        css="gf-c-when gf-num gf-quiet",
        html=conditional_escape(ago(moment(run))),
        title="\n".join(filter(None, lines)),
    )


def _who(run: Run) -> Cell:
    user = run.queued_by
    name = (user.get_full_name() or user.get_username()) if user else ""
    return _text(name, css="gf-c-who")


def _note(run: Run) -> Cell:
    labels = [visible(str(label)) for label in run.labels]
    note = visible(run.note)
    if run.is_marked:
        labels.insert(0, _("only for comparison"))
    tags = format_html_join(
        " ", '<span class="gf-tag">{}</span>', ((label,) for label in labels[:LABELS_SHOWN])
    )
    return Cell(
        css="gf-c-note",
        html=format_html("{} {}", tags, note) if labels else conditional_escape(note),
        title=" · ".join(filter(None, [*labels, note])),
    )


def _mlflow(run: Run) -> Cell:
    is_there = run.goes_to_mlflow and not run.is_active
    return _text(run.get_mlflow_state_display() if is_there else "")


def _text(text: str, *, css: str = "gf-c-text") -> Cell:
    text = visible(text)
    return Cell(css=css, html=conditional_escape(text), title=text)


_CELLS: dict[str, Callable[[Run], Cell]] = {
    "type": _type,
    "version": lambda run: _text(run.version),
    "changed": _changed,
    "took": _took,
    "when": _when,
    "started": lambda run: _text(short_time(run.started_at)),
    "who": _who,
    "host": lambda run: _text(run.host),
    "data": lambda run: _text(data_text(run.data_key) if run.is_summarised else ""),
    "mlflow": _mlflow,
    "note": _note,
}


def _change(name: str, change: dict[str, str | None]) -> SafeString:
    name = visible(name)
    if change["now"] is None:
        return format_html("<del>{}</del>", name)
    return format_html("{} <b>{}</b>", name, visible(change["now"]))


def _or_nothing(text: str | None) -> str:
    return NOTHING if text is None else text

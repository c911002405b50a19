"""What the page of a comparison shows, from the runs that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.files.visible import visible
from runs_app.comparing.standing import beside, last_good_run
from runs_app.models import Run
from runs_app.records.differences import differences
from runs_app.sentences import short_time
from runs_app.views.compare.assessment import Assessment, assessment_of
from runs_app.views.compare.chosen import MAX_BESIDE, MAX_RUNS, Chosen, address
from runs_app.views.compare.measures import Measures, measures_of
from runs_app.views.compare.pictures import picture_label, pictures_of
from runs_app.views.compare.rows import Cell, Row, Section
from runs_app.views.compare.sections import sections_of
from runs_app.views.compare.sides import Side, sides_of
from runs_app.views.curves import Drawn, Role, curves_context
from runs_app.views.table.rows import experiment_name
from runs_app.views.table.states import ago, moment, short_duration, symbol

PICTURE = "picture"
WITH = "with"
BEST, PREVIOUS = "best", "previous"
LEAST_RUNS = 2


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a run's column. `mark`: "≠" or "?" if its numbers do not count beside the first.

    `first` and `without` are addresses: with this run as the first one, and without it; '' in the
    table of many runs, which has no place for them.
    """

    run: Run
    state: SafeString
    name: SafeString
    main: Cell
    mark: str
    facts: str
    facts_title: str
    cause: str
    note: str
    first: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A comparison of at least two runs: the parts of the page, and of the file."""

    assessment: Assessment
    sections: tuple[Section, ...]
    measures: Measures
    heads: tuple[Head, ...]

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(len(section.rows) + len(section.hidden) for section in self.sections)

    @property
    def same(self) -> int:
        """How many rows are the same in all runs."""
        return sum(len(section.same) for section in self.sections)


def completed(chosen: Chosen, word: str) -> str:
    """Return the address that compares a single run as a word asks, '' if there is no such run.

    `best`: with the best of those that are comparable with it, or the one before where it is that
    itself; `previous`: with the one before. The other run comes first, so that differences are
    those of the single one.
    """
    if len(chosen.runs) != 1 or word not in {BEST, PREVIOUS}:
        return ""
    run = chosen.runs[0]
    others = beside(run, most=0)
    other = others.best if word == BEST else None
    if other is None or other.pk == run.pk:
        other = others.previous
    return address([other.pk, run.pk]) if other is not None else ""


def compared(chosen: Chosen) -> Compared:
    """Compare the chosen runs, at least one; reads their folders if they are shown side by side."""
    runs = chosen.runs
    sides = sides_of(runs, reads_folders=chosen.is_beside)
    found = differences(runs) if chosen.is_beside else None
    assessment = assessment_of(sides)
    measures = measures_of(sides)
    return Compared(
        assessment=assessment,
        sections=tuple(sections_of(sides, found)),
        measures=measures,
        heads=tuple(_heads(chosen, sides, assessment, measures)),
    )


def context_of(chosen: Chosen, *, picture: str = "") -> dict[str, Any]:
    """Return what the templates show; at most six queries however many runs there are."""
    context: dict[str, Any] = {
        "title": _title(len(chosen.runs)),
        "chosen": chosen,
        "notices": _notices(chosen),
        "is_one": len(chosen.runs) == 1,
        "max_beside": MAX_BESIDE,
        **_active(chosen),
    }
    if len(chosen.runs) < LEAST_RUNS:
        return context | {"suggested": _suggested(chosen)}
    found = compared(chosen)
    context |= {"compared": found, "file": address(chosen.numbers, page="compare_csv")}
    if chosen.is_beside:
        drawn = [Drawn(run=run, role=Role.ONE, label=f"#{run.pk}") for run in chosen.runs]
        return context | {
            "curves": curves_context(drawn, is_live=bool(context["active"])),
            "pictures": _pictures(chosen, picture),
        }
    return context | {"table": _table(found)}


def _title(count: int) -> str:
    if count < LEAST_RUNS:
        return _("Compare runs")
    return ngettext("Compare {count} run", "Compare {count} runs", count).format(count=count)


def _notices(chosen: Chosen) -> list[str]:
    """Return what of the address could not be shown."""
    notices = []
    if chosen.missing:
        shown = ", ".join(f"#{number}" for number in chosen.missing[:MAX_BESIDE])
        more = "…" if len(chosen.missing) > MAX_BESIDE else ""
        notices.append(
            _("Does not exist, or you may not see it: {runs}.").format(runs=f"{shown}{more}")
        )
    if chosen.senseless:
        words = ", ".join(chosen.senseless)
        notices.append(_("Not the number of a run: {words}.").format(words=words))
    if chosen.left_out:
        text = _("At most {limit} runs are compared; {count} are left out.")
        notices.append(text.format(limit=MAX_RUNS, count=chosen.left_out))
    return notices


def _active(chosen: Chosen) -> dict[str, Any]:
    """Return the numbers of the runs that go on, which the page follows, and what it says."""
    active = [run.pk for run in chosen.runs if run.is_active]
    if not active or len(chosen.runs) < LEAST_RUNS:
        return {"active": []}
    shown = ", ".join(f"#{number}" for number in active[:MAX_BESIDE])
    text = _("Not ended yet: {runs}; what is shown is as of {time}, and follows.")
    now = timezone.localtime().strftime("%H:%M:%S")
    return {"active": active, "active_notice": text.format(runs=shown, time=now)}


def _suggested(chosen: Chosen) -> list[tuple[str, Run, str]]:
    """Return runs to compare a single one with: label, run and address; three queries."""
    if not chosen.runs:
        return []
    run = chosen.runs[0]
    others = beside(run, most=0)
    offered = [
        (_("the previous one"), others.previous),
        (_("the best with the same data"), others.best),
        (_("the last good one"), last_good_run(run.experiment, run.type)),
    ]
    seen = {run.pk}
    suggested = []
    for label, other in offered:
        if other is not None and other.pk not in seen:
            seen.add(other.pk)
            suggested.append((label, other, chosen.beside(other)))
    return suggested


def _heads(
    chosen: Chosen, sides: Sequence[Side], assessment: Assessment, measures: Measures
) -> list[Head]:
    parts = zip(sides, measures.main.cells, assessment.marks, strict=True)
    return [_head(chosen, side, main, mark) for side, main, mark in parts]


def _head(chosen: Chosen, side: Side, main: Cell, mark: str) -> Head:
    run = side.run
    user = run.queued_by
    who = (user.get_full_name() or user.get_username()) if user else ""
    took = short_duration(run.duration.total_seconds() if run.duration else None)
    labels = [*map(str, run.labels), run.note]
    return Head(
        run=run,
        state=symbol(run),
        name=experiment_name(run.experiment.name),
        main=main,
        mark=mark,
        facts=" · ".join(filter(None, [visible(who), ago(moment(run)), took])),
        facts_title=short_time(moment(run)),
        cause=visible(run.cause_text),
        note=visible(" · ".join(filter(None, labels))),
        first=chosen.first(run) if chosen.is_beside else "",
        without=chosen.without(run) if chosen.is_beside else "",
    )


def _pictures(chosen: Chosen, asked: str) -> dict[str, Any]:
    found = pictures_of(chosen.runs, asked)
    names = [
        (picture_label(name), address(chosen.numbers, **{PICTURE: name}), name == found.shown)
        for name in found.names
    ]
    shown = list(zip(chosen.runs, found.files, strict=True)) if found.files else []
    return {"names": names, "shown": shown, "label": picture_label(found.shown)}


def _table(found: Compared) -> dict[str, Any]:
    """Return the rows of the comparison as columns: a line for each run."""
    rows: list[Row] = [row for section in found.sections for row in section.rows]
    main, *measured = found.measures.section.rows or (found.measures.main,)
    columns = [main, *rows, *measured]
    lines = [
        (head, [row.cells[place] for row in columns]) for place, head in enumerate(found.heads)
    ]
    return {"columns": columns, "lines": lines}

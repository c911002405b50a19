"""A comparison as lines of a CSV file: what the page shows, and what it folds or hides."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from runs_app.sentences import short_time
from runs_app.views.compare.chosen import Chosen
from runs_app.views.compare.page import Compared
from runs_app.views.compare.rows import Row, Section


def lines(chosen: Chosen, found: Compared) -> Iterator[list[str]]:
    """Yield a line for each row and a column for each run; metrics with all their digits."""
    runs = chosen.runs
    yield ["", "", "", *(f"#{run.pk}" for run in runs)]
    yield ["", _("experiment"), "", *(run.experiment.name for run in runs)]
    yield ["", _("status"), "", *(run.get_status_display() for run in runs)]
    yield ["", _("cause"), "", *(visible(run.cause_text) for run in runs)]
    yield ["", _("queued"), "", *(short_time(run.queued_at) for run in runs)]
    yield ["", _("note"), "", *(visible(run.note) for run in runs)]
    assessment = found.assessment
    yield [_("comparable"), " ".join([assessment.head, *assessment.reasons]), "", *assessment.marks]
    for section in (*found.sections, found.measures.section, found.measures.classes):
        yield from _section(section)


def _section(section: Section) -> Iterator[list[str]]:
    for row in (*section.rows, *section.hidden, *section.same):
        yield _line(section, row)


def _line(section: Section, row: Row) -> list[str]:
    state = _("same") if row.is_same else ""
    return [section.label, row.title or row.name, state, *(cell.value for cell in row.cells)]

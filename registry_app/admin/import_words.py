"""The words and colours in which a page shows the preview of an import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry_app.admin.labels import field_label
from registry_app.changes.plan import PlanAction
from registry_app.choices import ImportState
from registry_app.imports.preview import Preview, ShownChange, ShownProblem
from registry_app.messages import Message
from registry_app.models import Customer
from registry_app.reading import message_text, messages_lines

_OF_CUSTOMERS = ("display_name", "aliases")
# The number of changed rows that are shown expanded; the others expand on a click.
OPEN_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class WordedChange:
    """One field that changes, with its label and its name in the registry file."""

    label: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class WordedRow:
    """One row of the preview, with the word and colour of what happens to it."""

    name: str
    word: str
    tone: str
    changes: tuple[WordedChange, ...]
    is_open: bool


def shown_preview(preview: Preview) -> dict[str, Any]:
    """Return the template context of a preview."""
    rows = []
    for number, row in enumerate(preview.rows):
        word, tone, _hint = _words(PlanAction(row.action))
        is_open = number < OPEN_AT_ONCE
        rows.append(
            WordedRow(
                name=row.name,
                word=word,
                tone=tone,
                changes=tuple(_worded(change) for change in row.changes),
                is_open=is_open,
            )
        )
    return {
        "preview": preview,
        "remarks": messages_lines(preview.remarks),
        "counts": [(_words(PlanAction(key))[0], n) for key, n in preview.counts.items()],
        "rows": rows,
        "untouched": [
            (
                *_words(PlanAction(group.action)),
                group.names,
                group.total,
                group.total - len(group.names),
            )
            for group in preview.untouched
        ],
        "warnings": _worded_problems(preview.warnings),
        "problems": _worded_problems(preview.problems),
        "warnings_left_out": preview.warnings_total - len(preview.warnings),
        "problems_left_out": preview.problems_total - len(preview.problems),
    }


def _worded_problems(problems: Iterable[ShownProblem]) -> list[ShownProblem]:
    """Return problems with their sentences in the active language."""
    return [
        replace(problem, message=message_text(Message.from_json(problem.message)))
        for problem in problems
    ]


def _worded(change: ShownChange) -> WordedChange:
    label = field_label(change.field)
    if change.field in _OF_CUSTOMERS:
        column: Any = Customer._meta.get_field(change.field)
        label = str(capfirst(column.verbose_name))
    return WordedChange(label=label, field=change.field, old=change.old, new=change.new)


def tone_of(state: ImportState) -> str:
    """Return the colour of a state."""
    if state in {ImportState.FAILED, ImportState.REFUSED}:
        return "gf-bad"
    if state in {ImportState.PLANNED, ImportState.APPLIED}:
        return "gf-good"
    return "" if state in {ImportState.QUEUED, ImportState.CONFIRMED} else "gf-busy"


def _words(action: PlanAction) -> tuple[str, str, str]:
    """Return the word, the colour and the explanation of what happens to a row."""
    return {
        PlanAction.CREATE: (_("new"), "gf-good", ""),
        PlanAction.UPDATE: (_("changed"), "gf-busy", ""),
        PlanAction.UNCHANGED: (_("unchanged"), "", _("The file says what the registry says.")),
        PlanAction.MISSING: (
            _("not in the file"),
            "gf-warn",
            _("The file does not name it. It stays as it is; an import never deletes."),
        ),
    }[action]

"""The words and colours in which a page tells the preview of an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry_app.changes.plan import PlanAction
from registry_app.choices import ImportState
from registry_app.imports.preview import Preview, ShownChange

# So many changed rows are shown opened; the rest opens at a click.
OPEN_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class WordedRow:
    """One row of the preview, with the word and colour of what happens to it."""

    name: str
    word: str
    tone: str
    changes: tuple[ShownChange, ...]
    is_open: bool


def shown_preview(preview: Preview) -> dict[str, Any]:
    """Return what the templates need of a preview."""
    rows = []
    for number, row in enumerate(preview.rows):
        word, tone, _hint = _words(PlanAction(row.action))
        is_open = number < OPEN_AT_ONCE
        rows.append(
            WordedRow(name=row.name, word=word, tone=tone, changes=row.changes, is_open=is_open)
        )
    return {
        "preview": preview,
        "counts": [(_words(PlanAction(key))[0], n) for key, n in preview.counts.items()],
        "rows": rows,
        "untouched": [
            (*_words(PlanAction(one.action)), one.names, one.total, one.total - len(one.names))
            for one in preview.untouched
        ],
        "warnings_left_out": preview.warnings_total - len(preview.warnings),
        "problems_left_out": preview.problems_total - len(preview.problems),
    }


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

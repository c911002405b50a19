"""Values that change sets confirmed or turned back into guesses, without changing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from registry_app.admin.history_pages.values import Difference
from registry_app.admin.labels import field_label
from registry_app.arguments.secret_text import masked
from registry_app.choices import FieldSource
from registry_app.models import ChangeSet, OriginChange


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """The confirmations of one change set for one experiment; looks like a history row."""

    experiment: str
    verb: str
    changes: tuple[Difference, ...]
    history_date: datetime
    history_user: Any
    change_set_id: int
    change_set: ChangeSet
    history_change_reason: str = ""

    def get_history_type_display(self) -> str:
        return self.verb


def confirmations_of(change_set: ChangeSet) -> list[Confirmation]:
    """Return what a change set confirmed, by experiment; one query."""
    return _grouped(OriginChange.objects.filter(change_set=change_set))


def confirmations_in(experiment: int, change_sets: Iterable[int]) -> dict[int, Confirmation]:
    """Return what these change sets confirmed of an experiment, by change set; one query."""
    rows = OriginChange.objects.filter(experiment=experiment, change_set__in=list(change_sets))
    return {confirmation.change_set_id: confirmation for confirmation in _grouped(rows)}


def confirmations_before(
    experiment: int, moment: datetime | None, most: int
) -> tuple[list[Confirmation], datetime | None]:
    """Return the newest confirmations of an experiment, and since when they are complete; one "
    "query."""
    rows = OriginChange.objects.filter(experiment=experiment)
    if moment is not None:
        rows = rows.filter(change_set__at__lt=moment)
    kept = rows.filter(value__isnull=False).select_related("experiment", "change_set__by")
    found = list(kept.order_by("-change_set__at", "pk")[: most + 1])
    since = found[-1].change_set.at if len(found) > most else None
    shown = _grouped_rows(row for row in found if since is None or row.change_set.at > since)
    return shown, since


def _grouped(rows: Any) -> list[Confirmation]:
    kept = rows.filter(value__isnull=False).select_related("experiment", "change_set__by")
    return _grouped_rows(kept.order_by("experiment__name", "pk"))


def _grouped_rows(rows: Iterable[OriginChange]) -> list[Confirmation]:
    found: dict[tuple[int, int, bool], list[OriginChange]] = {}
    for row in rows:
        was_guess = row.source == FieldSource.SCANNED
        found.setdefault((row.experiment_id, row.change_set_id, was_guess), []).append(row)
    return [
        Confirmation(
            experiment=str(some[0].experiment),
            verb=_("Confirmed") if was_guess else _("A guess again"),
            changes=tuple(_stays(row) for row in some),
            history_date=some[0].change_set.at,
            history_user=some[0].change_set.by,
            change_set_id=change_set,
            change_set=some[0].change_set,
        )
        for (_experiment, change_set, was_guess), some in found.items()
    ]


def _stays(row: OriginChange) -> Difference:
    value = masked(row.field, row.value)
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    return Difference(label=field_label(row.field), old="", new=text, stays=True)

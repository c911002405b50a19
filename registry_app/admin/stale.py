"""Refuse to overwrite what another user saved since a page was opened.

A page has a mark of the newest change to its row and to the rows that it edits inline. The mark is
read from the history, which every change of these rows writes, whatever its entry point.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery, Value
from django.forms.models import _get_foreign_key
from django.utils.translation import gettext as _

SEEN = "seen"

# A model that is edited inline, and its foreign key to the row of the page.
Part = tuple[type[Model], str]


def parts_of(model: type[Model], inlines: Iterable[Any]) -> tuple[Part, ...]:
    """Return the models with a history that the inlines of a page edit."""
    found = []
    for inline in inlines:
        if hasattr(inline.model, "history"):
            key: Any = _get_foreign_key(model, inline.model, fk_name=inline.fk_name)
            found.append((inline.model, key.attname))
    return tuple(found)


def mark_of(model: type[Model], pk: int, parts: Iterable[Part]) -> str:
    """Return a mark that changes once a row or one of its parts is added, changed or removed.

    One query.
    """
    numbers = [_newest(model, model._default_manager.filter(pk=OuterRef(OuterRef("pk"))))]
    for part, column in parts:
        present = part._default_manager.order_by()
        numbers.append(_count(present.filter(**{column: OuterRef("pk")})))
        numbers.append(_newest(part, present.filter(**{column: OuterRef(OuterRef("pk"))})))
    names = [f"mark_{place}" for place in range(len(numbers))]
    rows = model._default_manager.filter(pk=pk).order_by()
    row = rows.annotate(**dict(zip(names, numbers, strict=True))).values_list(*names).first()
    return "-".join(str(number or 0) for number in row or ())


class StaleGuardForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A form whose page states the version that it was made from.

    The refusing page has the newer mark, so saving it again overwrites deliberately.
    """

    parts: tuple[Part, ...] = ()

    def clean(self) -> dict[str, Any] | None:
        seen, model = self.data.get(SEEN), type(self.instance)
        # Locked, so that the comparison stays valid until the save.
        now = model._default_manager.select_for_update().filter(pk=self.instance.pk).first()
        if seen and now is not None and mark_of(model, now.pk, self.parts) != seen:
            raise ValidationError(
                _(
                    "%(who)s changed this after you opened it. Nothing was saved. "
                    "Compare in another tab; save again to overwrite theirs with your values."
                )
                % {"who": _last_author(now, self.parts) or _("A scan or an import")}
            )
        return super().clean()


def _newest(model: type[Model], rows: QuerySet[Any]) -> Subquery:
    """Return the number of the newest version of these rows, which refer to an outer query."""
    history: Any = model.history  # type: ignore[attr-defined]
    versions = history.filter(id__in=rows.order_by().values("pk")).order_by("-history_id")
    return Subquery(versions.values("history_id")[:1])


def _count(rows: QuerySet[Any]) -> Subquery:
    counted = rows.annotate(group=Value(1)).values("group").annotate(n=Count("pk"))
    return Subquery(counted.values("n"))


def _last_author(row: Model, parts: Iterable[Part]) -> str:
    histories: list[Any] = [row.history.all()]  # type: ignore[attr-defined]
    histories += [model.history.filter(**{column: row.pk}) for model, column in parts]  # type: ignore[attr-defined]
    newest = [
        history.select_related("history_user").order_by("-history_date", "-history_id").first()
        for history in histories
    ]
    records = [record for record in newest if record is not None]
    last = max(records, key=lambda record: record.history_date, default=None)
    return str(getattr(last, "history_user", None) or "")

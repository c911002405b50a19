"""Refuses to save over what another person saved since a page was opened.

A page holds a mark of the newest change to its row and to the rows that it edits inline. The mark
is read from the history, which every change of these rows writes, whatever door it comes through.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import _get_foreign_key
from django.utils.translation import gettext as _

SEEN = "seen"

# A model that is edited inline, and the name of its column that leads to the row of the page.
Part = tuple[type[Model], str]


def parts_of(model: type[Model], inlines: Iterable[Any]) -> tuple[Part, ...]:
    """Return what the inlines of a page edit, of models that have a history."""
    found = []
    for inline in inlines:
        if hasattr(inline.model, "history"):
            key: Any = _get_foreign_key(model, inline.model, fk_name=inline.fk_name)
            found.append((inline.model, key.attname))
    return tuple(found)


def mark_of(model: type[Model], pk: int, parts: Iterable[Part]) -> str:
    """Return what differs once a row or one of its parts was added, changed or removed."""
    marks = [str(_newest_id(model, [pk]))]
    for part, column in parts:
        present = part._default_manager.filter(**{column: pk}).order_by().values("pk")
        marks.append(f"{present.count()}.{_newest_id(part, present)}")
    return "-".join(marks)


class StaleGuardForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A form whose page said what it was made from.

    The page that refuses holds the newer mark, so saving it again overwrites knowingly.
    """

    parts: tuple[Part, ...] = ()

    def clean(self) -> dict[str, Any] | None:
        seen, model = self.data.get(SEEN), type(self.instance)
        # Locked, so that what is compared stays true until it is saved.
        now = model._default_manager.select_for_update().filter(pk=self.instance.pk).first()
        if seen and now is not None and mark_of(model, now.pk, self.parts) != seen:
            raise ValidationError(
                _(
                    "%(who)s changed this after you opened it. Nothing was saved. "
                    "Compare in another tab; save again to put your values in the place of theirs."
                )
                % {"who": _last_author(now, self.parts) or _("A scan or an import")}
            )
        return super().clean()


def _newest_id(model: type[Model], keys: Any) -> int:
    history: Any = model.history  # type: ignore[attr-defined]
    newest = (
        history.filter(id__in=keys).order_by("-history_id").values_list("history_id", flat=True)
    )
    return int(newest.first() or 0)


def _last_author(row: Model, parts: Iterable[Part]) -> str:
    histories: list[Any] = [row.history.all()]  # type: ignore[attr-defined]
    histories += [model.history.filter(**{column: row.pk}) for model, column in parts]  # type: ignore[attr-defined]
    newest = [
        history.select_related("history_user").order_by("-history_date", "-history_id").first()
        for history in histories
    ]
    records = [one for one in newest if one is not None]
    last = max(records, key=lambda one: one.history_date, default=None)
    return str(getattr(last, "history_user", None) or "")

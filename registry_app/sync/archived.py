"""The archived experiments that entries of a file would bring back."""

from __future__ import annotations

from collections.abc import Iterable

from registry_app.models import Experiment
from registry_app.sync.identity import place_text
from registry_app.sync.objects import WHOLE, Known, Object

# An entry of an experiment that was archived before the first sync: nothing was agreed on, not
# even that it exists.
ARCHIVED = Known(fields={}, unknown=frozenset({WHOLE}))


class Archived:
    """The archived experiments by directory and by name; each is given out once."""

    def __init__(self) -> None:
        rows = Experiment.everything.exclude(archived_at=None).order_by("pk")
        self.names = {row.name: row.pk for row in rows}
        self._rows = {row.pk: row for row in rows}
        self._by_place = {place_text(row.path): row.pk for row in rows}

    def take(self, pk: int | None) -> Experiment | None:
        """Return the archived experiment of a row, None if it is in use."""
        return self._rows.pop(pk, None) if pk is not None else None

    def like(self, entry: Object) -> Experiment | None:
        """Return the archived experiment of a new entry: by its directory, then by its name."""
        for pk in (self._by_place.get(place_text(entry["path"])), self.names.get(entry["name"])):
            if (row := self.take(pk)) is not None:
                return row
        return None

    def ids_by_name(
        self, links: dict[str, int], new: Iterable[tuple[str, Object]]
    ) -> dict[str, str]:
        """Return the names of archived experiments, with the ids that would restore them.

        `links` has the experiment of each linked id; `new` are entries of the file without one.
        """
        id_of = {pk: id_ for id_, pk in links.items() if pk in self._rows}
        for id_, entry in new:
            if (row := self.like(entry)) is not None:
                id_of[row.pk] = id_
        return {name: id_of.get(pk, "") for name, pk in self.names.items()}

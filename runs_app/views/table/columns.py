"""The columns of the table: which are shown is in the address, so a view is a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

PARAM = "col"
MAX_CHOSEN = 30
METRIC, PARAMETER = "m:", "p:"


class Place(StrEnum):
    """The place of a column; together these are the order of the table."""

    ABOUT = "about"
    MEASURED = "measured"
    CHANGED = "changed"
    GIVEN = "given"
    FACTS = "facts"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: `key` in the address, `name` of the metric or parameter that it shows, if any.

    `css` is the class of its cells; `sort` the key to sort by it, '' if that makes no sense;
    `width_px` its width, 0 for what the others leave.
    """

    key: str
    head: Any
    place: Place
    css: str
    width_px: int = 96
    sort: str = ""
    is_number: bool = False
    name: str = ""


KNOWN: dict[str, Column] = {
    column.key: column
    for column in (
        Column(key="type", head=_("Type and script"), place=Place.ABOUT, css="type", width_px=118),
        Column(key="version", head=_("Version"), place=Place.ABOUT, css="text"),
        Column(
            key="main",
            head=_("Main metric"),
            place=Place.MEASURED,
            css="main",
            width_px=82,
            sort="main",
            is_number=True,
        ),
        Column(key="changed", head=_("Changed"), place=Place.CHANGED, css="changed", width_px=0),
        Column(
            key="took",
            head=_("Took"),
            place=Place.FACTS,
            css="took",
            width_px=82,
            sort="took",
            is_number=True,
        ),
        Column(
            key="when",
            head=_("When"),
            place=Place.FACTS,
            css="when",
            width_px=72,
            sort="when",
            is_number=True,
        ),
        Column(
            key="started",
            head=_("Started"),
            place=Place.FACTS,
            css="text",
            width_px=118,
            sort="started",
            is_number=True,
        ),
        Column(key="who", head=_("By"), place=Place.FACTS, css="who", width_px=64),
        Column(key="host", head=_("Host"), place=Place.FACTS, css="text"),
        Column(key="data", head=_("Data"), place=Place.FACTS, css="text"),
        Column(key="mlflow", head="MLflow", place=Place.FACTS, css="text"),
        Column(key="note", head=_("Note"), place=Place.FACTS, css="note", width_px=96),
    )
}
# Of the columns that are always there: tick, state, number with its link, experiment. With the
# usual columns the table is as wide as there is room beside the menu.
EXPERIMENT_PX = 176
FIXED_PX = 28 + 24 + 86 + EXPERIMENT_PX
LEAST_PX = 132
DEFAULT = ("type", "main", "changed", "took", "when", "who", "note")
_ORDER = {place: number for number, place in enumerate(Place)}
_KNOWN_ORDER = {key: number for number, key in enumerate(KNOWN)}


def chosen(keys: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns with these keys, each once and in the order of the table.

    Keys that no column has are skipped; without any, the usual columns are returned.
    """
    found = [column for key in list(dict.fromkeys(keys))[:MAX_CHOSEN] if (column := _column(key))]
    if not found:
        found = [KNOWN[key] for key in DEFAULT]
    return tuple(
        sorted(
            found,
            key=lambda column: (
                _ORDER[column.place],
                bool(column.name),
                _KNOWN_ORDER.get(column.key, 0),
            ),
        )
    )


def least_width_px(columns: Iterable[Column]) -> int:
    """Return the width below which a table of these columns is scrolled."""
    return FIXED_PX + sum(column.width_px or LEAST_PX for column in columns)


def names(columns: Iterable[Column], kind: str) -> list[str]:
    """Return the names of the metrics (`METRIC`) or parameters (`PARAMETER`) among columns."""
    return [column.name for column in columns if column.name and column.key.startswith(kind)]


def _column(key: str) -> Column | None:
    name = key[len(METRIC) :]
    if key in KNOWN:
        return KNOWN[key]
    if key.startswith(METRIC) and name:
        return Column(
            key=key,
            head=name,
            place=Place.MEASURED,
            css="metric",
            width_px=82,
            sort=key,
            is_number=True,
            name=name,
        )
    if key.startswith(PARAMETER) and name:
        return Column(
            key=key,
            head=name,
            place=Place.GIVEN,
            css="given",
            width_px=76,
            sort=key,
            is_number=True,
            name=name,
        )
    return None

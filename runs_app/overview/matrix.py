"""Customers and sites against tasks: at which stage, how good, since when, what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs_app.overview.cell import NONE, Cell, cell_of, list_address
from runs_app.overview.standing import Health, Standing

# More sites than these are shown by customer, and opened one customer at a time.
SITES_AT_MOST = 60


class Show(StrEnum):
    """Which cells of the matrix are shown."""

    ALL = "all"
    LOOK = "look"
    BUSY = "busy"
    OLD = "old"
    NEVER = "never"


_SHOWN: dict[Show, frozenset[Health]] = {
    Show.ALL: frozenset(Health),
    Show.LOOK: frozenset({Health.FAILING, Health.OLD}),
    Show.BUSY: frozenset({Health.BUSY}),
    Show.OLD: frozenset({Health.OLD}),
    Show.NEVER: frozenset({Health.NEVER}),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A task, with the metric that most of its cells show; `address` lists its experiments."""

    task: str
    metric: str
    count: int
    address: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A site, or a customer with all of its sites, whose `toggle` shows or hides these."""

    customer: str
    customer_address: str
    cells: Sequence[Cell | None]
    site: str = ""
    site_address: str = ""
    is_first: bool = True
    is_group: bool = False
    toggle: str = ""
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class View:
    """A choice of cells: how many there are, and the query of the URL that shows them."""

    show: Show
    label: str
    count: int
    query: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Matrix:
    columns: Sequence[Column]
    rows: Sequence[Row]
    views: Sequence[View]
    is_grouped: bool

    def count_of(self, show: Show) -> int:
        """Return how many cells a view has."""
        return next(view.count for view in self.views if view.show == show)


def matrix_of(standings: Iterable[Standing], *, show: Show = Show.ALL, opened: int = 0) -> Matrix:
    """Return the matrix of these experiments.

    `opened` is the customer whose sites are shown although the rows are customers.
    """
    standings = sorted(standings, key=_order)
    tasks = _tasks(standings)
    is_grouped = len({(standing.customer, standing.site) for standing in standings}) > SITES_AT_MOST
    if is_grouped:
        rows = [
            row for some in _split(standings, "customer") for row in _group(some, tasks, opened)
        ]
    else:
        rows = [_site(some, tasks) for some in _split(standings, "customer", "site")]
    counted = [cell for row in rows if row.is_group is is_grouped for cell in row.cells if cell]
    shown = [_only(row, show) for row in rows]
    columns = [_column(task, standings, rows, place) for place, task in enumerate(tasks)]
    return Matrix(
        columns=columns,
        rows=_named_once([row for row in shown if row.cells]),
        views=_views(counted, show),
        is_grouped=is_grouped,
    )


def _order(standing: Standing) -> tuple[bool, str, int, bool, str, int]:
    """Order by customer and site, with those that are not known last."""
    return (
        not standing.customer_name,
        standing.customer_name,
        standing.customer or 0,
        not standing.site_name,
        standing.site_name,
        standing.site or 0,
    )


def _tasks(standings: Sequence[Standing]) -> list[str]:
    """Return the tasks, the most frequent first and the unknown one last."""
    counts = Counter(standing.task for standing in standings)
    return sorted(counts, key=lambda task: (not task, -counts[task], task))


def _split(standings: Sequence[Standing], *names: str) -> list[list[Standing]]:
    """Return the experiments of each place, in their order."""
    found: dict[tuple[object, ...], list[Standing]] = {}
    for standing in standings:
        found.setdefault(tuple(getattr(standing, name) for name in names), []).append(standing)
    return list(found.values())


def _site(standings: Sequence[Standing], tasks: Sequence[str]) -> Row:
    first = standings[0]
    return Row(
        customer=first.customer_name or _("unknown"),
        customer_address=_page("customer", first.customer),
        site=first.site_name or _("unknown"),
        site_address=_page("site", first.site),
        cells=_cells(standings, tasks, {"site": first.site or NONE}),
    )


def _group(standings: Sequence[Standing], tasks: Sequence[str], opened: int) -> list[Row]:
    """Return the row of a customer, and those of its sites if it is open."""
    first = standings[0]
    sites = _split(standings, "site")
    is_open = opened == first.customer and bool(opened)
    count = ngettext("%(n)d site", "%(n)d sites", len(sites)) % {"n": len(sites)}
    row = Row(
        customer=first.customer_name or _("unknown"),
        customer_address=_page("customer", first.customer),
        site=count,
        toggle="" if not first.customer else "open=" if is_open else f"open={first.customer}",
        cells=_cells(standings, tasks, {"customer": first.customer or NONE}),
        is_group=True,
        is_open=is_open,
    )
    return [row, *(_site(some, tasks) for some in sites)] if is_open else [row]


def _cells(
    standings: Sequence[Standing], tasks: Sequence[str], place: dict[str, str | int]
) -> list[Cell | None]:
    found: dict[str, list[Standing]] = {}
    for standing in standings:
        found.setdefault(standing.task, []).append(standing)
    return [cell_of(found[task], place) if task in found else None for task in tasks]


def _only(row: Row, show: Show) -> Row:
    """Return a row with the cells of a view, and without any if it has none of them."""
    cells = [cell if cell and cell.health in _SHOWN[show] else None for cell in row.cells]
    return replace(row, cells=cells if any(cells) else [])


def _named_once(rows: Sequence[Row]) -> list[Row]:
    """Mark the rows that repeat the customer of the row above."""
    before = ["", *(row.customer for row in rows)][: len(rows)]
    return [
        replace(row, is_first=row.customer != name) for row, name in zip(rows, before, strict=True)
    ]


def _column(task: str, standings: Sequence[Standing], rows: Sequence[Row], place: int) -> Column:
    metrics = Counter(
        cell.metric for row in rows if (cell := row.cells[place]) is not None and cell.metric
    )
    return Column(
        task=task or _("unknown"),
        metric=metrics.most_common(1)[0][0].rpartition("/")[2] if metrics else "",
        count=sum(standing.task == task for standing in standings),
        address=list_address(task=task or NONE),
    )


def _views(cells: Sequence[Cell], current: Show) -> list[View]:
    labels = {
        Show.ALL: _("All"),
        Show.LOOK: _("Needs attention"),
        Show.BUSY: _("Running"),
        Show.OLD: _("Last good run over 90 days ago"),
        Show.NEVER: _("No good run"),
    }
    return [
        View(
            show=show,
            label=label,
            count=sum(cell.health in _SHOWN[show] for cell in cells),
            query=f"show={show}",
            is_current=show == current,
        )
        for show, label in labels.items()
    ]


def _page(kind: str, pk: int | None) -> str:
    return reverse(f"admin:registry_app_{kind}_detail", args=[pk]) if pk else ""

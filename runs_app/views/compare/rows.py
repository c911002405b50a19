"""Values of several runs side by side, and which of them are unlike the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry_app.files.visible import visible
from runs_app.comparing.wording import NOTHING


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one run has in a row.

    `small`: a remark beside it, `tone` its colour ("good" or "bad"). `exact`: the value with all
    its digits if `text` has fewer. `is_known`: False where nothing was recorded, which is neither
    like nor unlike anything.
    """

    text: str
    title: str = ""
    exact: str = ""
    small: str = ""
    tone: str = ""
    address: str = ""
    is_unlike: bool = False
    is_best: bool = False
    is_known: bool = True

    @property
    def value(self) -> str:
        """What a file holds of it."""
        return self.exact or self.text

    @property
    def html(self) -> SafeString:
        """What a page shows of it; built here because a page has thousands."""
        text = conditional_escape(self.text)
        if self.address:
            text = format_html('<a class="gfx-link" href="{}">{}</a>', self.address, text)
        if self.is_best:
            best = '<span role="img" aria-label="{}">★</span> {}'
            text = format_html(best, _("best"), text)
        if self.small:
            small = '{} <span class="gfx-small gfx-{}">{}</span>'
            text = format_html(small, text, self.tone or "plain", self.small)
        return text

    @property
    def css(self) -> str:
        """The classes of its place in a table."""
        classes = {
            "gfx-unlike": self.is_unlike,
            "gf-best": self.is_best,
            "gfx-unknown": not self.is_known,
        }
        return " ".join(name for name, holds in classes.items() if holds)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing, with what each run has. `is_same`: known to be the same in all of them."""

    name: str
    cells: tuple[Cell, ...]
    title: str = ""
    is_same: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under a heading.

    `same`: those that do not differ. `hidden`: those that are shown on demand.
    """

    key: str
    label: str
    rows: tuple[Row, ...] = ()
    same: tuple[Row, ...] = ()
    hidden: tuple[Row, ...] = ()


def row_of(name: str, values: Sequence[str | None], *, title: str = "", nothing: str = "") -> Row:
    """Return a row of texts; None stands for a run of which this is not known."""
    first = values[0]
    known = {value for value in values if value is not None}
    cells = tuple(
        _unknown()
        if value is None
        else Cell(
            text=visible(value) or nothing or NOTHING,
            is_unlike=first is not None and not _is_alike(value, first),
        )
        for value in values
    )
    is_same = None not in values and all(_is_alike(value, str(first)) for value in known)
    return Row(name=visible(name), title=visible(title), cells=cells, is_same=is_same)


def rows_of(
    several: Sequence[Mapping[str, str]], *, names: Iterable[str] = (), nothing: str = ""
) -> list[Row]:
    """Return a row for each name that a run has, in the order of the runs' own names."""
    wanted = dict.fromkeys([*names, *(name for values in several for name in values)])
    return [
        row_of(name, [values.get(name, "") for values in several], nothing=nothing)
        for name in wanted
    ]


def section_of(key: str, label: str, rows: Iterable[Row], *, shown: int = 0) -> Section:
    """Return a section; with `shown`, rows after that many are hidden until they are asked for."""
    every = list(rows)
    unlike = [row for row in every if not row.is_same]
    limit = shown or len(unlike)
    return Section(
        key=key,
        label=label,
        rows=tuple(unlike[:limit]),
        hidden=tuple(unlike[limit:]),
        same=tuple(row for row in every if row.is_same),
    )


def _unknown() -> Cell:
    return Cell(text=_("not known"), is_known=False)


def _is_alike(one: str, other: str) -> bool:
    """Compare two texts; numbers by their value, so that 1e-3 is 0.001."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False

"""Which runs an address asks to compare, and addresses of other comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from registry_app.files.visible import visible
from registry_app.row_numbers import row_number
from runs_app.models import Run
from runs_app.views.table.rows import RELATED

PARAM = "run"
# Side by side with curves, pictures and source; more are a table of what their rows hold.
MAX_BESIDE = 10
MAX_RUNS = 100
MAX_SHOWN_OF_WORD = 40


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The runs of an address, in its order; the first is what the others are compared with.

    `missing`: numbers without a run that this user may see. `senseless`: words that are no number.
    `left_out`: how many were too many.
    """

    runs: tuple[Run, ...]
    missing: tuple[int, ...] = ()
    senseless: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def is_beside(self) -> bool:
        """Whether the runs are few enough to be shown side by side."""
        return len(self.runs) <= MAX_BESIDE

    @property
    def numbers(self) -> list[int]:
        """The numbers of the runs."""
        return [run.pk for run in self.runs]

    def first(self, run: Run) -> str:
        """Return the address that compares the others with this run."""
        return address([run.pk, *(pk for pk in self.numbers if pk != run.pk)])

    def without(self, run: Run) -> str:
        """Return the address without this run."""
        return address(pk for pk in self.numbers if pk != run.pk)

    def beside(self, run: Run) -> str:
        """Return the address with one more run."""
        return address([*self.numbers, run.pk])


def chosen(query: QueryDict, runs: QuerySet[Run]) -> Chosen:
    """Return the runs that an address names, `run=7&run=9` or `run=7,9`; one query."""
    words = [word for text in query.getlist(PARAM) for word in text.replace(",", " ").split()]
    numbers: dict[int, None] = {}
    senseless: list[str] = []
    for word in words:
        if number := row_number(word.removeprefix("#")):
            numbers[number] = None
        else:
            senseless.append(visible(word[:MAX_SHOWN_OF_WORD]))
    asked = list(numbers)[:MAX_RUNS]
    related = runs.select_related(*RELATED).order_by()
    found = {run.pk: run for run in related.filter(pk__in=asked)} if asked else {}
    return Chosen(
        runs=tuple(found[number] for number in asked if number in found),
        missing=tuple(number for number in asked if number not in found),
        senseless=tuple(dict.fromkeys(senseless))[:MAX_BESIDE],
        left_out=len(numbers) - len(asked),
    )


def address(numbers: Iterable[int], *, page: str = "compare", **more: str) -> str:
    """Return the address of a comparison; `page` may be another page of it."""
    parts: Sequence[tuple[str, str]] = [
        *((PARAM, str(number)) for number in numbers),
        *more.items(),
    ]
    return f"{reverse(f'admin:runs_app_run_{page}')}?{urlencode(parts)}"

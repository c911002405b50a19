"""What the table is sorted by; every order that is offered has an index."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from runs_app.choices import Direction
from runs_app.comparing.metric_names import direction_by_name
from runs_app.models import Run, RunParameter
from runs_app.views.table.columns import METRIC, PARAMETER, Column

PARAM = "sort"
# Of these, runs without a value are left out.
_COLUMNS = {
    "main": "main_value",
    "took": "duration_s",
    "when": "finished_at",
    "started": "started_at",
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """The key of a column, and the direction; the usual order is the newest run first."""

    key: str = "id"
    is_descending: bool = True

    @staticmethod
    def read(text: str) -> Order:
        """Return the order in an address, the usual one for anything that is not offered."""
        key = text.removeprefix("-")
        is_known = key in {"id", "experiment", *_COLUMNS} or (
            key.startswith((METRIC, PARAMETER)) and len(key) > len(METRIC)
        )
        return Order(key=key, is_descending=text.startswith("-")) if is_known else Order()

    @property
    def text(self) -> str:
        """The order as it is in an address, '' for the usual one."""
        if self == Order():
            return ""
        return f"-{self.key}" if self.is_descending else self.key

    @property
    def name(self) -> str:
        """The metric or parameter that it is sorted by, '' if by neither."""
        return self.key[len(METRIC) :] if self.key.startswith((METRIC, PARAMETER)) else ""

    @property
    def leaves_out(self) -> bool:
        """Whether runs without a value are not shown."""
        return self.key in _COLUMNS or bool(self.name)

    @property
    def indexed_run(self) -> str:
        """The key of a run beside the sorted value in its index, '' if that is the key alone."""
        if self.name:
            related = "metrics" if self.key.startswith(METRIC) else "parameters"
            return f"{related}__run_id"
        return "pk" if self.key in _COLUMNS else ""

    def turned(self, key: str, *, downward: bool) -> Order:
        """Return the order after a click on a head: by `key`, or the other way round."""
        if key == self.key:
            return Order(key=key, is_descending=not self.is_descending)
        return Order(key=key, is_descending=downward)

    def apply(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        """Return the runs in this order."""
        sign = "-" if self.is_descending else ""
        if self.key.startswith(METRIC):
            runs = runs.filter(metrics__name=self.name, metrics__best__isnull=False)
            return runs.order_by(f"{sign}metrics__best", f"{sign}metrics__run_id")
        if self.key.startswith(PARAMETER):
            return self._by_parameter(runs, sign)
        if self.key in _COLUMNS:
            column = _COLUMNS[self.key]
            return runs.filter(**{f"{column}__isnull": False}).order_by(
                f"{sign}{column}", f"{sign}pk"
            )
        if self.key == "experiment":
            return runs.order_by(f"{sign}experiment__name", "-pk")
        return runs.order_by(f"{sign}pk")

    def _by_parameter(self, runs: QuerySet[Run], sign: str) -> QuerySet[Run]:
        """Sort by numbers if the parameter has any, else by text.

        One call filters both columns: of two, the second would join any parameter of the run.
        """
        numbered = RunParameter.objects.filter(name=self.name, number__isnull=False)
        if numbered.exists():
            column = "number"
            runs = runs.filter(parameters__name=self.name, parameters__number__isnull=False)
        else:
            column = "text"
            runs = runs.filter(parameters__name=self.name)
        return runs.order_by(f"{sign}parameters__{column}", f"{sign}parameters__run_id")


def is_downward_first(column: Column) -> bool:
    """Whether a first click on a column's head shows the greatest values first.

    Of a metric the better ones come first; names begin with A.
    """
    if column.key.startswith(METRIC):
        return direction_by_name(column.name) == Direction.UP
    return column.key != "experiment"

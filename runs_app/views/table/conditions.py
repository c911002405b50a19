"""Conditions on metrics and parameters: `m:mAP50:gte:0.9`, `p:epochs:eq:80`, in the address.

The name is percent-encoded where it has a colon, so that the parts can be distinguished.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.db.models import QuerySet
from django.http import QueryDict

from runs_app.models import Run, RunMetric, RunParameter
from runs_app.views.table.columns import METRIC, PARAMETER

PARAM = "where"
# The fields of a form for one more: key of the column, sign, value.
FORM = ("compared", "sign", "value")
MAX_CONDITIONS = 10
# The sign of each comparison, and how Django writes it.
SIGNS = {"eq": "=", "ne": "≠", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤"}
_LOOKUPS = {"eq": "", "ne": "", "gt": "__gt", "gte": "__gte", "lt": "__lt", "lte": "__lte"}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`kind` is METRIC or PARAMETER, `sign` a key of SIGNS; a metric is compared by its best."""

    kind: str
    name: str
    sign: str
    value: str

    @property
    def is_possible(self) -> bool:
        """Whether it can be applied: metrics and sizes are compared with numbers alone."""
        if self.kind not in {METRIC, PARAMETER} or self.sign not in SIGNS or not self.name:
            return False
        is_text = self.kind == PARAMETER and self.sign in {"eq", "ne"}
        return bool(self.value) and (is_text or self.number is not None)

    @property
    def number(self) -> float | None:
        """The value as a number, None if it is no finite one."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    @property
    def address(self) -> str:
        """The condition as it is in an address."""
        name = self.name.replace("%", "%25").replace(":", "%3A")
        return f"{self.kind}{name}:{self.sign}:{self.value}"

    @property
    def text(self) -> str:
        """The condition as users read it: `mAP50 ≥ 0.9`."""
        return f"{self.name} {SIGNS[self.sign]} {self.value}"

    def apply(self, runs: QuerySet[Run], *, key: str = "pk") -> QuerySet[Run]:
        """Return the runs that fulfil it; one without the metric or parameter never does.

        `key` names what has the key of each run in the query.
        """
        rows: QuerySet[Any] = (
            RunMetric.objects.all() if self.kind == METRIC else RunParameter.objects.all()
        )
        named = rows.order_by().filter(name=self.name)
        fulfilling = self._compared(named).values("run")
        if self.sign == "ne":
            has_it = runs.filter(**{f"{key}__in": named.values("run")})
            return has_it.exclude(**{f"{key}__in": fulfilling})
        return runs.filter(**{f"{key}__in": fulfilling})

    def _compared(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows in this relation to the value; for `ne` the equal ones."""
        number = self.number
        if number is None:
            return rows.filter(text=self.value)
        column = "best" if self.kind == METRIC else "number"
        return rows.filter(**{f"{column}{_LOOKUPS[self.sign]}": number})


def parsed(text: str) -> Condition | None:
    """Return the condition in an address, None if it is none."""
    parts = text.split(":", 3)
    if len(parts) != 4:
        return None
    kind, name, sign, value = parts
    found = Condition(kind=f"{kind}:", name=unquote(name), sign=sign, value=value.strip())
    return found if found.is_possible else None


def read(query: QueryDict) -> list[Condition]:
    """Return the conditions in an address, each once; raises ValueError for one that is none.

    One more may come from the fields of a form (`FORM`); half filled in it counts as none.
    """
    texts = list(dict.fromkeys(query.getlist(PARAM)))[:MAX_CONDITIONS]
    found = [parsed(text) for text in texts]
    if None in found:
        raise ValueError("not a condition")
    all_found = (*found, _of_form(query))
    return list(dict.fromkeys(condition for condition in all_found if condition is not None))


def _of_form(query: QueryDict) -> Condition | None:
    compared, sign, value = (query.get(name, "") for name in FORM)
    kind, _colon, name = compared.partition(":")
    found = Condition(kind=f"{kind}:", name=name, sign=sign, value=value.strip())
    return found if found.is_possible else None

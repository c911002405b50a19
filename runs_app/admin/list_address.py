"""The address of a list of runs: its parts, and the links that change one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.http import QueryDict

from runs_app.admin.filters import ListedFilter
from runs_app.views.table import columns, conditions, order

# Parts of the address that filter nothing.
SHOWN_BY = (columns.PARAM, order.PARAM)


class ListAddress:
    """What `RunList` says about its address.

    `scope` are filters of the page around the table, which are not part of links; `foreign` are
    parts of the address that belong to that page.
    """

    scope: Mapping[str, str]
    foreign: Mapping[str, list[str]]
    filter_params: Mapping[str, list[Any]]
    filter_specs: list[Any]
    conditions: list[conditions.Condition]
    page_num: int
    has_more: bool

    @cached_property
    def active(self) -> list[tuple[str, str]]:
        """The active filters of the address, but those of the scope: name and value."""
        ignored = {*SHOWN_BY, SEARCH_VAR}
        found = [
            (key, str(value))
            for key, values in self._parts().items()
            if key not in ignored
            for value in values
            if value
        ]
        return sorted(found)

    def link(self, key: str, value: Any) -> str:
        """Return the address with another value of one part; '' or [] leaves the part out."""
        return self._address({**self._parts(), key: value})

    def _parts(self, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        parts = {
            key: values
            for key, values in self.filter_params.items()
            if key not in {*self.scope, *without, *conditions.FORM, conditions.PARAM}
        }
        if self.conditions and conditions.PARAM not in without:
            parts[conditions.PARAM] = [condition.address for condition in self.conditions]
        return parts

    def _address(self, parts: Mapping[str, Any]) -> str:
        query = QueryDict(mutable=True)
        for key, value in {**self.foreign, **parts}.items():
            values = value if isinstance(value, list) else [value]
            query.setlist(key, [value for value in values if value != ""])
        # A question mark alone is the page without any part.
        return f"?{query.urlencode()}"

    @property
    def without_all(self) -> str:
        """The address without filters and search, with the same columns and order."""
        kept = {key: value for key, value in self._parts().items() if key in SHOWN_BY}
        return self._address(kept)

    def newer(self) -> str:
        """Return the address of the page before, '' for the first one."""
        return self._page(self.page_num - 1) if self.page_num > 1 else ""

    def older(self) -> str:
        """Return the address of the next page, '' for the last one."""
        return self._page(self.page_num + 1) if self.has_more else ""

    def _page(self, number: int) -> str:
        return self.link(PAGE_VAR, str(number) if number > 1 else "")

    @property
    def parts_of_search(self) -> list[tuple[str, str]]:
        """The parts of the address for the hidden fields of the search."""
        return self._fields(without={SEARCH_VAR})

    @property
    def parts_of_filters(self) -> list[tuple[str, str]]:
        """The parts of the address for the hidden fields of the form of filters."""
        return self._fields(without={str(spec.parameter_name) for spec in self.offered})

    @property
    def parts_of_columns(self) -> list[tuple[str, str]]:
        """The parts of the address for the hidden fields of the form of columns."""
        return self._fields(without={columns.PARAM})

    @property
    def offered(self) -> list[Any]:
        """The filters with a list of choices, but those of the scope."""
        return [
            spec
            for spec in self.filter_specs
            if isinstance(spec, ListedFilter) and spec.parameter_name not in self.scope
        ]

    def _fields(self, *, without: set[str]) -> list[tuple[str, str]]:
        return [
            (key, str(value))
            for key, values in {**self.foreign, **self._parts()}.items()
            for value in values
            if value and key not in without
        ]

    @property
    def foreign_query(self) -> str:
        """The parts of the address that belong to the page around the table."""
        return self._address({}).removeprefix("?")

    @property
    def whole_query(self) -> str:
        """The whole query with the scope, for requests of the table's own."""
        query = QueryDict(mutable=True)
        for key, values in self._parts().items():
            query.setlist(key, values)
        for key, value in self.scope.items():
            query[key] = value
        return query.urlencode()

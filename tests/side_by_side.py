"""How tests are dealt out to processes: together what shares something, mixed what waits.

About a third of the tests' time is waiting for other processes. It costs nothing where such tests
run beside those that compute, and minutes where they run beside each other, or alone at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

# Takes tens of seconds; comes first, so that nothing else waits for its end.
FIRST = "first"

# What these files have in common takes seconds to come up in each process that runs one of them.
# They are dealt out as a whole, so none of them may empty the tables, which others need filled.
TOGETHER = {
    "tests/runs_app/tracking/test_outbox_server.py": "MLflow's server",
    "tests/faults/test_mlflow_away.py": "MLflow's server",
    "tests/runs_app/tracking/test_live.py": "MLflow's client",
    "tests/runs_app/tracking/test_outbox.py": "MLflow's client",
    "tests/runs_app/tracking/test_store_away.py": "MLflow's client",
    "tests/runs_app/tracking/test_children.py": "MLflow's client",
    "tests/runs_app/runner/isolation/test_helper.py": "accounts of this machine",
}


class Dealer(LoadScopeScheduling):
    """Deals out tests one by one, but for those that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


def mixed(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests in another order, which keeps that of those that use the database.

    Their order is pytest-django's: a test that empties the tables comes after all that need what
    the migrations wrote. Whatever needs no database is free to come at any time.
    """
    for item in items:
        if item.nodeid.partition("::")[0] in TOGETHER and _empties_tables(item):
            raise pytest.UsageError(f"{item.nodeid} empties tables; it needs a file of its own")
    first = [item for item in items if _is_first(item)]
    rest = [item for item in items if not _is_first(item)]
    streams: dict[str, list[pytest.Item]] = {}
    for item in rest:
        streams.setdefault("" if _uses_database(item) else str(item.path), []).append(item)
    places = [
        (number / len(stream), item)
        for stream in streams.values()
        for number, item in enumerate(stream)
    ]
    return first + [item for _place, item in sorted(places, key=lambda pair: pair[0])]


def _uses_database(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("django_db")) or not {"db", "transactional_db"}.isdisjoint(
        names
    )


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return "transactional_db" in names or bool(marker and marker.kwargs.get("transaction"))


def _is_first(item: pytest.Item) -> bool:
    return item.get_closest_marker(FIRST) is not None

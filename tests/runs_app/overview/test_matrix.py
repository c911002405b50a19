"""The matrix: a row for each site, or for each customer if there are too many, a column for each "
"task."""

from __future__ import annotations

import pytest

from runs_app.overview.matrix import SITES_AT_MOST, Matrix, Show, matrix_of
from runs_app.overview.standing import Health, Standing
from tests.runs_app.overview.facts import bad, good, standing


def rows_of(matrix: Matrix) -> list[tuple[str, str, list[str]]]:
    return [
        (row.customer, row.site, [cell.health if cell else "" for cell in row.cells])
        for row in matrix.rows
    ]


GIMHAE = good(site=1, site_name="gimhae", task="ppe")
GIMHAE_BCT = standing(site=1, site_name="gimhae", task="bct")
DANYANG = good(
    customer=2, customer_name="Hanil", site=2, site_name="danyang", task="ppe", last=bad()
)
NOWHERE = standing(customer=None, customer_name="", site=None, site_name="", task="")


def test_each_site_has_a_row_and_each_task_a_column() -> None:
    matrix = matrix_of([NOWHERE, GIMHAE, GIMHAE_BCT, DANYANG])
    assert [(column.task, column.count) for column in matrix.columns] == [
        ("ppe", 2),
        ("bct", 1),
        ("unknown", 1),
    ]
    assert matrix.columns[0].metric == "mAP50(B)"
    assert rows_of(matrix) == [
        ("Hanil", "danyang", ["failing", "", ""]),
        ("Sampyo", "gimhae", ["good", "never", ""]),
        ("unknown", "unknown", ["", "", "never"]),
    ]
    assert not matrix.is_grouped


def test_a_row_leads_to_its_customer_and_its_site() -> None:
    row = matrix_of([DANYANG]).rows[0]
    assert row.customer_address == "/admin/registry_app/customer/2/"
    assert row.site_address == "/admin/registry_app/site/2/"
    assert not matrix_of([NOWHERE]).rows[0].customer_address


def test_a_customer_is_written_once() -> None:
    other = good(site=3, site_name="incheon", task="ppe")
    rows = matrix_of([GIMHAE, other, DANYANG]).rows
    assert [row.is_first for row in rows] == [True, True, False]


@pytest.mark.parametrize("show", list(Show))
def test_a_view_shows_as_many_cells_as_it_says(show: Show) -> None:
    every = [GIMHAE, GIMHAE_BCT, DANYANG, NOWHERE, good(days=100, site=9, site_name="old")]
    matrix = matrix_of(every, show=show)
    shown = [cell for row in matrix.rows for cell in row.cells if cell]
    assert len(shown) == matrix.count_of(show)
    assert [view.show for view in matrix.views if view.is_current] == [show]
    if show is Show.LOOK:
        assert {cell.health for cell in shown} == {Health.FAILING, Health.OLD}


def many_sites() -> list[Standing]:
    """Two customers with half of more sites than fit."""
    return [
        good(
            customer=1 + number % 2,
            customer_name=f"customer {1 + number % 2}",
            site=number,
            site_name=f"site {number:03}",
            last=bad() if number == 2 else None,
        )
        for number in range(1, SITES_AT_MOST + 2)
    ]


def test_many_sites_are_shown_by_customer_with_the_worst_state() -> None:
    matrix = matrix_of(many_sites())
    assert matrix.is_grouped
    assert rows_of(matrix) == [
        ("customer 1", "30 sites", ["failing"]),
        ("customer 2", "31 sites", ["good"]),
    ]
    assert matrix.count_of(Show.ALL) == 2
    cell = matrix.rows[0].cells[0]
    assert cell is not None
    assert cell.address.endswith("?customer=1&task=ppe")


def test_one_customer_is_opened_at_a_time() -> None:
    closed = matrix_of(many_sites())
    assert [row.toggle for row in closed.rows] == ["open=1", "open=2"]
    matrix = matrix_of(many_sites(), opened=2)
    assert [row.is_group for row in matrix.rows[:2]] == [True, True]
    assert len(matrix.rows) == 2 + 31
    assert (matrix.rows[1].is_open, matrix.rows[1].toggle) == (True, "open=")
    assert matrix.count_of(Show.ALL) == 2, "what is opened is counted once"
    assert len(matrix_of(many_sites(), opened=4711).rows) == 2

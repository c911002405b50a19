"""Columns, orders and conditions as they are in an address."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from runs_app.views.table.columns import DEFAULT, KNOWN, chosen, least_width_px
from runs_app.views.table.conditions import Condition, parsed, read
from runs_app.views.table.order import Order, is_downward_first


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ([], list(DEFAULT)),
        (["nonsense", "m:", "p:"], list(DEFAULT)),
        (["note", "main", "note", "nonsense"], ["main", "note"]),
        (
            ["p:epochs", "when", "m:recall", "changed", "main", "m:mAP50"],
            ["main", "m:recall", "m:mAP50", "changed", "p:epochs", "when"],
        ),
    ],
)
def test_columns_have_one_order(keys: list[str], shown: list[str]) -> None:
    assert [column.key for column in chosen(keys)] == shown


def test_the_usual_columns_fit_beside_the_menu() -> None:
    assert least_width_px(chosen([])) <= 960
    assert len(chosen([f"m:{number}" for number in range(99)])) == 30


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("", ""),
        ("-id", ""),
        ("id", "id"),
        ("-main", "-main"),
        ("-m:metrics/mAP50(B)", "-m:metrics/mAP50(B)"),
        ("p:lr0", "p:lr0"),
        ("m:", ""),
        ("script", ""),
        ("-status__regex", ""),
    ],
)
def test_only_orders_with_an_index_are_read(text: str, read_as: str) -> None:
    assert Order.read(text).text == read_as


def test_a_second_click_turns_the_order_round() -> None:
    first = Order().turned("took", downward=True)
    assert (first.text, first.turned("took", downward=True).text) == ("-took", "took")
    loss, recall = chosen(["m:val/box_loss", "m:recall"])
    assert not is_downward_first(loss)
    assert is_downward_first(recall)
    assert is_downward_first(KNOWN["main"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("m:metrics/mAP50(B):gte:0.9", "metrics/mAP50(B) ≥ 0.9"),
        ("m:mAP%3A0.5%3A0.95:lt:1e-1", "mAP:0.5:0.95 < 1e-1"),
        ("p:optimizer:eq:Adam:W", "optimizer = Adam:W"),
        ("p:epochs:ne:80", "epochs ≠ 80"),
        ("p:lr0%25:eq:1", "lr0% = 1"),
    ],
)
def test_a_condition_survives_its_address(text: str, shown: str) -> None:
    condition = parsed(text)
    assert condition is not None
    assert (condition.text, condition.address) == (shown, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "m:mAP50", "m:mAP50:gte:", "m::gte:1", "x:mAP50:gte:1", "m:mAP50:regex:1"),
        *("m:mAP50:gte:many", "m:mAP50:eq:nan", "p:optimizer:gt:Adam", "p:epochs:lt:inf"),
    ],
)
def test_what_is_no_condition(text: str) -> None:
    assert parsed(text) is None


def test_a_form_adds_one_condition_and_a_half_filled_form_none() -> None:
    query = QueryDict("where=p:epochs:eq:3&compared=m:mAP50&sign=gte&value=+0.9+")
    assert [one.text for one in read(query)] == ["epochs = 3", "mAP50 ≥ 0.9"]
    assert read(QueryDict("compared=m:mAP50&sign=gte&value=")) == []
    assert read(QueryDict("where=p:epochs:eq:3&where=p:epochs:eq:3")) == [
        Condition(kind="p:", name="epochs", sign="eq", value="3")
    ]
    with pytest.raises(ValueError, match="condition"):
        read(QueryDict("where=nonsense"))

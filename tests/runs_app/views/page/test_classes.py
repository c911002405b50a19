"""Metrics of single classes as a table with bars."""

from __future__ import annotations

from runs_app.records.metrics_summary import MetricSummary
from runs_app.views.page.classes import ClassTable, ClassValue, class_table


def table(metrics: dict[str, float], *classes: str) -> ClassTable | None:
    rows = [
        MetricSummary(key=name, last=value, least=value, greatest=value)
        for name, value in metrics.items()
    ]
    return class_table(rows, classes)


def test_classes_are_rows_and_measures_are_columns() -> None:
    found = table(
        {"mAP50": 0.8, "helmet/mAP50": 0.9, "helmet/recall": 0.75, "head/mAP50": 0.5},
        "helmet",
        "head",
    )
    assert found is not None
    assert found.measures == ("mAP50", "recall")
    assert found.rows == (
        ("helmet", (ClassValue(text="0.900", percent=90), ClassValue(text="0.750", percent=75))),
        ("head", (ClassValue(text="0.500", percent=50), None)),
    )


def test_value_that_is_no_share_has_no_bar() -> None:
    found = table({"helmet/images": 128.0, "head/images": 64.0}, "helmet", "head")
    assert found is not None
    assert found.rows[0][1] == (ClassValue(text="128"),)


def test_names_are_taken_for_classes_where_the_registry_knows_others() -> None:
    found = table({"vest/mAP50": 0.5, "boots/mAP50": 0.6}, "helmet")
    assert found is not None
    assert [name for name, _values in found.rows] == ["vest", "boots"]


def test_run_without_classes_has_no_table() -> None:
    assert table({"loss": 0.5, "val/loss": 0.6}) is None

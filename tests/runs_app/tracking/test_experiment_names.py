"""The name of a run's MLflow experiment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runs_app.records.launch import LaunchRecord
from runs_app.tracking.experiment_names import experiment_name
from runs_app.tracking.experiment_template import template_problem

DEFAULT = "{customer}.{region}.{plant}.{zone}.{task}"


@pytest.mark.parametrize(
    ("template", "facts", "name"),
    [
        (
            DEFAULT,
            {
                "customer": "donghwa-entec",
                "region": "busan",
                "plant": "plant1",
                "zone": "welding",
                "task": "ppe",
            },
            "donghwa-entec.busan.plant1.welding.ppe",
        ),
        (DEFAULT, {"customer": "sampyo", "task": "bct"}, "sampyo.bct"),
        (DEFAULT, {"region": "gimhae", "task": "bct"}, "gimhae.bct"),
        (DEFAULT, {"task": "bct"}, "sampyo-gimhae-bct"),
        (DEFAULT, {}, "sampyo-gimhae-bct"),
        ("동화/{customer} · {task}!", {"customer": "동화엔텍"}, "동화/동화엔텍!"),
        ("{directory}", {"customer": "sampyo"}, "sampyo-gimhae-bct"),
    ],
)
def test_empty_parts_are_left_out(template: str, facts: dict[str, Any], name: str) -> None:
    record = replace(LaunchRecord(directory="sampyo-gimhae-bct"), **facts)
    assert experiment_name(template, record) == name


@pytest.mark.parametrize("template", ["{customer", "{client}", "plain", "{0}", "{customer}{}"])
def test_a_template_that_cannot_work_is_reported(template: str) -> None:
    assert template_problem(template)


@pytest.mark.parametrize("template", [DEFAULT, "{experiment}", "portal/{directory}"])
def test_a_template_that_works_is_not(template: str) -> None:
    assert template_problem(template) == ""

"""What can be run of an experiment: buttons for its types, and the command as it would start."""

from __future__ import annotations

import pytest
from django.test import Client

from registry_app.models import Experiment
from runs_app.admin.details.commands import run_buttons, start_of
from tests.factories import (
    change_entry_points,
    make_entry_point,
    make_experiment,
    make_member,
    make_script,
)
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def test_only_types_that_an_experiment_has_get_a_button() -> None:
    bct = make_experiment()
    make_entry_point(bct, "train")
    make_script(bct, "demo.py", types=["demo"])
    assert [(button.label, button.address) for button in run_buttons(bct)] == [
        ("Run training", f"/admin/runs_app/run/new/?type=train&experiment={bct.pk}"),
        ("Run demo", f"/admin/runs_app/run/new/?type=demo&experiment={bct.pk}"),
    ]


def test_a_page_shows_the_exact_command_or_what_stops_it(home: Home) -> None:
    bct = home.experiment(
        parameters=[{"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}]
    )
    train = bct.entry_points.get(type="train")
    shown = start_of(bct, train)
    assert shown.command.endswith("/python train.py")
    assert not shown.problem
    change_entry_points(bct, default_script="gone.py")
    shown = start_of(bct, bct.entry_points.get(type="train"))
    assert (shown.command, shown.script) == ("", "gone.py")
    assert "gone.py" in shown.problem


@pytest.mark.parametrize(("group", "may"), [("Viewer", False), ("PM", False), ("Engineer", True)])
def test_only_who_may_run_scripts_gets_the_buttons(home: Home, group: str, may: bool) -> None:
    bct: Experiment = home.experiment()
    client = Client()
    client.force_login(make_member(group))
    text = client.get(f"/admin/registry_app/experiment/{bct.pk}/").text
    assert (f"/admin/runs_app/run/new/?type=train&amp;experiment={bct.pk}" in text) is may
    assert (f"/{bct.pk}/check-environment/" in text) is False, "nothing was scanned yet"
    assert "/python train.py" in text

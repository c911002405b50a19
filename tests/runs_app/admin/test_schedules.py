"""The form and the list of schedules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from registry_app.models import Experiment
from runs_app.models import Schedule
from runs_app.schedules.fire import fire_due
from runs_app.sets.places import SCENARIO
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.sets.test_confirmed import push, remote  # noqa: F401

pytestmark = pytest.mark.django_db

LIST = "/admin/runs_app/schedule/"
NEW = f"{LIST}add/"
BCT = "sampyo-gimhae-bct"
EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}


@pytest.fixture
def bct(home: Home) -> Experiment:
    return home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")


@pytest.fixture
def browser(client: Client, bct: Experiment) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


def sent(**values: Any) -> dict[str, Any]:
    usual = {"name": "nightly", "kind": "run", "cron": "30 2 * * *", "is_enabled": "on"}
    return {**usual, **values}


def test_an_engineer_plans_a_run_and_sees_its_next_times(browser: Client, bct: Experiment) -> None:
    data = sent(experiment=bct.pk, type="train", values="epochs=5")
    answer = browser.post(NEW, data, follow=True)
    assert "Next time: " in answer.text
    schedule = Schedule.objects.get()
    assert (schedule.values, schedule.owner and schedule.owner.username) == (["epochs=5"], "minsu")
    page = browser.get(f"{LIST}{schedule.pk}/change/").text
    assert page.count(" 02:30") >= 5
    assert schedule.next_at is not None
    fire_due(schedule.next_at)
    page = browser.get(f"{LIST}{schedule.pk}/change/").text
    assert ">Started<" in page
    assert ">Started<" in browser.get(LIST).text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cron": "daily"}, "is no cron line"),
        ({"cron": "0 0 30 2 *"}, "there is no such day"),
        ({"type": ""}, "This kind of schedule needs it."),
        ({"values": "epoch=5"}, "epochs"),
        ({"values": "epochs"}, "epochs"),
        ({"script": "gone.py"}, "gone.py"),
        ({"kind": "pipeline"}, "This kind of schedule needs it."),
        ({"kind": "pipeline", "file": "nightly"}, "There is no core repository"),
        ({"kind": "scan"}, "minsu is not allowed to do this."),
    ],
)
def test_what_could_not_start_now_is_refused(
    browser: Client, bct: Experiment, values: dict[str, str], said: str
) -> None:
    answer = browser.post(NEW, sent(**{"experiment": bct.pk, "type": "train", **values}))
    assert answer.status_code == 200
    assert said in answer.text
    assert not Schedule.objects.exists()


def test_next_times_are_shown_while_a_cron_line_is_typed(browser: Client) -> None:
    page = browser.get(NEW).text
    address = re.search(r'data-next-times="([^"]+)"', page)
    assert address
    assert "runs_app/schedule.js" in page
    shown = browser.get(address[1], {"cron": "30  2 * * *"}).text
    assert shown.count(" 02:30") == 5
    refused = browser.get(address[1], {"cron": "<b>30 2"}).text
    assert "&lt;b&gt;30 2" in refused
    assert "<b>" not in refused
    assert browser.post(address[1]).status_code == 405
    assert not Schedule.objects.exists()
    browser.logout()
    assert browser.get(address[1], {"cron": "30 2 * * *"}).status_code == 302


@pytest.mark.parametrize(("leave_out", "refused"), [("", True), ("on", False)])
def test_a_scenario_is_refused_if_nothing_of_it_could_start(
    remote: Remote,  # noqa: F811
    browser: Client,
    leave_out: str,
    refused: bool,
) -> None:
    good, gone = (f"  - {{experiment: {name}, type: train}}\n" for name in (BCT, "sampyo-gone"))
    push(remote, SCENARIO, f"runs:\n{gone}")
    plan = sent(kind="scenario", file="nightly", leave_out=leave_out)
    assert "There is no experiment sampyo-gone" in browser.post(NEW, plan).text
    assert not Schedule.objects.exists()
    push(remote, SCENARIO, f"runs:\n{good}{gone}")
    answer = browser.post(NEW, plan, follow=True)
    assert Schedule.objects.exists() is not refused
    assert ("Its times will be skipped: " in answer.text) is not refused

"""A form of several runs that is sent twice at the same moment, on each database."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from uuid import uuid4

import pytest
from django.test import Client

from registry_app.models import Experiment
from runs_app.models import Run, RunSet
from runs_app.sets.places import SCENARIO
from tests.databases import used
from tests.factories import make_user
from tests.faults.databases import Database
from tests.faults.stage import Stage
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.sets.test_confirmed import bct, push, remote

__all__ = ["bct", "remote"]

pytestmark = pytest.mark.faults

NEW = "/admin/runs_app/run/new/"
FILES = "/admin/runs_app/runset/files/"


@pytest.fixture
def home(stage: Stage) -> Home:
    return stage.home


@pytest.fixture
def minsu(home: Home) -> Client:
    browser = Client()
    browser.force_login(make_user("minsu", is_staff=True, is_superuser=True))
    return browser


def form_of(page: str) -> dict[str, object]:
    """Return the hidden fields that start what a page of a file shows."""
    found = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)
        for name in ("token", "file", "digest", "read")
    }
    return {name: unescape(value.group(1)) for name, value in found.items() if value}


def twice(browser: Client, address: str, sent: dict[str, object], *, database: Database) -> None:
    """Send a form twice at the same moment, each time with a connection of its own."""
    ready = Barrier(2)

    def click(_number: int) -> str:
        clicking = Client()
        clicking.cookies = browser.cookies
        with used(database.url):
            ready.wait()
            return clicking.post(address, sent).headers.get("Location", "")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(click, range(2)))
    assert answers == [RunSet.objects.get().get_absolute_url()] * 2


def test_a_chain_and_a_scenario_are_queued_once(
    minsu: Client,
    remote: Remote,
    database: Database,
) -> None:
    push(remote, SCENARIO, "runs:\n  - {experiment: sampyo-gimhae-bct, type: train}\n")
    for file in ("pipelines/nightly.yaml", "scenario/nightly.yaml"):
        RunSet.objects.all().delete()
        Run.objects.all().delete()
        sent = form_of(minsu.get(f"{FILES}?file={file}").text)
        twice(minsu, f"{FILES}run/", sent, database=database)
        assert Run.objects.count() == 1


def test_a_batch_is_queued_once(
    minsu: Client,
    home: Home,
    bct: Experiment,
    database: Database,
) -> None:
    both = [bct, home.experiment("sampyo-danyang-bct")]
    sent: dict[str, object] = {"token": str(uuid4()), "type": "train", "queue": "1"}
    sent["experiment"] = [str(experiment.pk) for experiment in both]
    sent |= {f"{experiment.pk}-script": "train.py" for experiment in both}
    sent |= {f"{experiment.pk}-shown": "train.py" for experiment in both}
    twice(minsu, NEW, sent, database=database)
    assert Run.objects.count() == 2

"""Searching the log of a run, and going to a place in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.records.logs.errors import ErrorLine
from runs_app.views import log_search
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
LOG = b"loading\nepoch 1 loss: nan\nTraceback (most recent call last):\n"


@pytest.fixture
def run(home: Home) -> Run:
    run = make_run(make_experiment(), RunStatus.RUNNING)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_bytes(LOG)
    return run


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_member("Viewer"))
    return client


def answers(browser: Client, run: Run, **query: str) -> list[dict[str, Any]]:
    answer: Any = browser.get(f"/admin/runs_app/run/{run.pk}/log/stdout/search/", query)
    assert answer["Content-Encoding"] == "identity"
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"q": "loss"}, [[8, 2, "epoch 1 loss: nan"]]),
        ({"q": "NaN"}, []),
        ({"q": "NaN", "fold": "1"}, [[8, 2, "epoch 1 loss: nan"]]),
        ({"q": "loss", "from": "26"}, []),
        ({"errors": "1"}, [[26, 3, "Traceback (most recent call last):"]]),
    ],
)
def test_hits_come_with_offset_line_and_text(
    browser: Client, run: Run, query: dict[str, str], hits: list[Any]
) -> None:
    *found, end = answers(browser, run, **query)
    assert [one["hit"] for one in found] == hits
    assert end == {"next": len(LOG), "is_end": True}


def test_too_many_searches_at_once_are_told_so(browser: Client, run: Run) -> None:
    waiting = [log_search._lines(run.folder, "stdout", ErrorLine(), 0) for _ in "12"]
    assert all(next(one) for one in waiting)
    assert answers(browser, run, q="loss") == [{"busy": True}]
    for one in waiting:
        one.close()  # type: ignore[attr-defined]
    assert len(answers(browser, run, q="loss")) == 2


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 201}])
def test_search_without_a_text_is_refused(browser: Client, run: Run, query: dict[str, str]) -> None:
    address = f"/admin/runs_app/run/{run.pk}/log/stdout/search/"
    assert browser.get(address, query).status_code == 400


@pytest.mark.parametrize("stream", ["spec", "merged"])
def test_only_the_outputs_are_searched(browser: Client, run: Run, stream: str) -> None:
    address = f"/admin/runs_app/run/{run.pk}/log/{stream}/search/?q=a"
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize(
    ("stream", "go", "offset"),
    [
        ("stdout", "2", "8"),
        ("stdout", "50%", "26"),
        ("stderr", "7", "0"),
        ("merged", "2", "stdout-8"),
        ("merged", "0%", "0-0"),
    ],
)
def test_place_has_an_offset(browser: Client, run: Run, stream: str, go: str, offset: str) -> None:
    answer = browser.get(f"/admin/runs_app/run/{run.pk}/log/{stream}/place/", {"go": go})
    assert answer.json() == {"offset": offset}


def test_place_that_is_none_is_explained(browser: Client, run: Run) -> None:
    address = f"/admin/runs_app/run/{run.pk}/log/stdout/place/"
    assert "14:02" in browser.get(address, {"go": "the end"}).json()["problem"]

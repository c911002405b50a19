"""What people write on a run afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.models import Run
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(home: Home) -> Run:
    return make_run(make_experiment(), RunStatus.SUCCEEDED)


def write(client: Client, run: Run, **data: str) -> Any:
    return client.post(f"/admin/runs_app/run/{run.pk}/remarks/", data, follow=True)


@pytest.mark.parametrize("group", ["PM", "Engineer", "Administrator"])
def test_note_and_labels_are_added_later(client: Client, run: Run, group: str) -> None:
    client.force_login(make_member(group))
    page = write(
        client, run, note="deployed at gate 3", labels=" v2 , deployed,v2"
    ).content.decode()
    run.refresh_from_db()
    assert (run.note, run.labels) == ("deployed at gate 3", ["v2", "deployed"])
    assert "deployed at gate 3" in page


def test_viewer_reads_but_does_not_write(client: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(note="deployed", labels=["v2"])
    client.force_login(make_member("Viewer"))
    page = client.get(run.get_absolute_url()).content.decode()
    assert "deployed" in page
    assert "/remarks/" not in page
    assert write(client, run, note="x").status_code == 403


def test_change_of_somebody_else_is_not_overwritten(client: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(note="from Jiwoo")
    client.force_login(make_member("Engineer"))
    answer = write(client, run, note="from Minsu", before_note="", before_labels="")
    run.refresh_from_db()
    assert run.note == "from Jiwoo"
    assert [str(one) for one in answer.context["messages"]] == [
        "Somebody else has changed note or labels meanwhile; nothing was written."
    ]


@pytest.mark.parametrize(
    "data", [{"note": "x" * 1001}, {"labels": "x" * 41}, {"labels": ",".join(map(str, range(11)))}]
)
def test_what_is_too_long_is_refused(client: Client, run: Run, data: dict[str, str]) -> None:
    client.force_login(make_member("Engineer"))
    assert "nothing was written" in write(client, run, **data).content.decode()
    run.refresh_from_db()
    assert (run.note, run.labels) == ("", [])


def test_run_that_is_only_for_comparison_is_not_the_best(client: Client, home: Home) -> None:
    experiment = make_experiment()
    facts = {"summarised": 1, "main_metric": "mAP50"}
    second = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.8, **facts)
    best = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.9, is_best=True, **facts)
    client.force_login(make_member("Engineer"))
    write(client, best, marked="on")
    second.refresh_from_db()
    best.refresh_from_db()
    assert (best.is_marked, best.is_best, second.is_best) == (True, False, True)

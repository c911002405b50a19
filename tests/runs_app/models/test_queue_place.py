"""Every waiting run has a place, and names the runs that block it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from runs_app.choices import RunStatus
from runs_app.cli.describe_run import describe_run
from runs_app.models import Run
from runs_app.models.queue_place import place_of, with_place
from runs_app.texts import reasons
from runs_app.views.wording import waiting_text
from tests.factories import make_experiment, make_member, make_run

pytestmark = pytest.mark.django_db


def test_places_follow_priority_and_then_first_come() -> None:
    bct = make_experiment()
    running = make_run(bct, RunStatus.RUNNING)
    first, second = make_run(bct), make_run(bct)
    late, urgent = make_run(bct, priority=-5), make_run(bct, priority=5)
    terminal = make_run(bct, foreground=True)
    annotated: Any = with_place(Run.objects.all())
    places = {run.pk: run.place for run in annotated}
    assert places == {
        urgent.pk: 1,
        first.pk: 2,
        second.pk: 3,
        late.pk: 4,
        running.pk: None,
        terminal.pk: None,
    }
    assert [place_of(run) for run in (second, running, terminal)] == [3, None, None]


def test_the_text_of_a_wait_links_to_what_blocks_it() -> None:
    run = make_run(make_experiment(), reason_values={"run": 7, "runs": [7]})
    text = waiting_text(run, 2)
    assert text == (
        'Place 2 in the queue · blocked by <a class="gfr-link" '
        'href="/admin/runs_app/run/7/change/">#7</a>'
    )
    run.reason_values = {"runs": list(range(1, 9))}
    assert waiting_text(run, None).endswith("#5</a> and 3 more")
    run.reason_values = {}
    assert waiting_text(run, 1) == "Place 1 in the queue"


def test_a_run_that_waits_no_more_is_blocked_by_nothing() -> None:
    run = make_run(make_experiment(), RunStatus.RUNNING, reason_values={"runs": [7]})
    assert run.blocked_by == []
    assert waiting_text(run, None) == ""


def test_list_page_and_json_all_tell_it() -> None:
    experiment = make_experiment()
    blocker = make_run(experiment, RunStatus.RUNNING)
    run = make_run(
        experiment,
        reason_code=reasons.WAITS_FOR_RUN.code,
        reason_values={"run": blocker.pk, "runs": [blocker.pk]},
    )
    viewer = Client(headers={"accept-language": "en"})
    viewer.force_login(make_member("Viewer"))
    link = f'<a class="gfr-link" href="{blocker.get_absolute_url()}">#{blocker.pk}</a>'
    for address in ("/admin/runs_app/run/", run.get_absolute_url()):
        page = viewer.get(address).content.decode()
        assert f"Place 1 in the queue · blocked by {link}" in page
    state = viewer.get(f"/admin/runs_app/run/{run.pk}/state/").json()
    assert (state["place"], link in state["waiting"]) == (1, True)
    states = viewer.get(f"/admin/runs_app/run/states/?id={run.pk}").json()["runs"]
    assert (states[str(run.pk)]["place"], link in states[str(run.pk)]["waiting"]) == (1, True)
    described = describe_run(run)
    assert (described["place"], described["blocked_by"]) == (1, [blocker.pk])
    assert described["status_reason"].startswith(f"Waits for run {blocker.pk}")

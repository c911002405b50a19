"""Runs in the timeline of their experiment: who queued them, and how they ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from registry_app.admin.details.events import Event
from runs_app.admin.details.events import runs_of
from runs_app.choices import RunStatus
from runs_app.models import Run
from tests.factories import make_experiment, make_run, make_user

pytestmark = pytest.mark.django_db
OUT_OF_MEMORY = {"code": "cause_gpu_memory", "values": {}, "line": "CUDA out of memory"}


def event_of(run: Run) -> Event:
    return runs_of(run.experiment)(None, 1).events[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (RunStatus.QUEUED, "run"),
        (RunStatus.RUNNING, "run"),
        (RunStatus.CANCELLED, "run"),
        (RunStatus.SUCCEEDED, "run-good"),
        (RunStatus.FAILED, "run-bad"),
        (RunStatus.LOST, "run-bad"),
    ],
)
def test_a_run_is_shown_by_how_it_ended(status: RunStatus, kind: str) -> None:
    run = make_run(make_experiment(), status, queued_by=make_user("minsu"))
    event = event_of(run)
    assert (event.kind, event.by, event.at) == (kind, "minsu", run.queued_at)
    assert f'href="{run.get_absolute_url()}"' in event.title


def test_labels_and_notes_are_text() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    event = event_of(make_run(make_experiment(), note=hostile, version=hostile))
    assert hostile not in event.title
    assert event.title.count("&lt;img") == 2


def test_runs_are_read_in_parts_by_the_time_they_were_queued() -> None:
    bct, now = make_experiment(), timezone.now()
    runs = [make_run(bct, queued_at=now - timedelta(hours=number)) for number in range(4)]
    part = runs_of(bct)(runs[0].queued_at, 2)
    assert [event.at for event in part.events] == [run.queued_at for run in runs[1:3]]
    assert part.since == runs[3].queued_at

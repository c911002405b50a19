"""A queued run with a time waits until then, and holds back no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.cli.describe import summarise_run
from runs_app.exceptions import RefusedError
from runs_app.executors.chosen import executor
from runs_app.lifecycle import due, launch
from runs_app.models import Run
from runs_app.models.queue_place import place_of, with_place
from runs_app.queue import admission, hosts
from runs_app.queue.not_before import parse_not_before, set_not_before
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import queue, reach

pytestmark = pytest.mark.django_db
HOST = "gpu1"
NOW = datetime(2026, 11, 30, 3, 0, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Engineer", "minsu"))
    return client


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T22:00", datetime(2026, 12, 1, 13, 0, tzinfo=UTC)),
        (" 2026-12-01 22:00 ", datetime(2026, 12, 1, 13, 0, tzinfo=UTC)),
        ("2026-12-01T22:00+00:00", datetime(2026, 12, 1, 22, 0, tzinfo=UTC)),
        ("2026-12-01T22:00:01", datetime(2026, 12, 1, 13, 1, tzinfo=UTC)),
        ("+2h", datetime(2026, 11, 30, 5, 1, tzinfo=UTC)),
        ("+90m", datetime(2026, 11, 30, 4, 31, tzinfo=UTC)),
        ("+1d", datetime(2026, 12, 1, 3, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_time_is_of_the_portal_and_a_span_begins_now(text: str, moment: datetime | None) -> None:
    assert parse_not_before(text, now=NOW) == moment


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("tonight", "is not a time"),
        ("+2w", "is not a time"),
        ("0001-01-01T00:00+09:00", "is not a time"),
        ("+999999d", "more than 366 days ahead"),
        ("2036-12-01T22:00", "more than 366 days ahead"),
        ("2026-11-30T12:00", "has passed already"),
    ],
)
def test_what_is_no_time_ahead_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(RefusedError, match=refusal):
        parse_not_before(text, now=NOW)


def test_it_holds_neither_directory_nor_gpu_nor_the_front_of_the_queue(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.GUARDIANFLOW_HOST, settings.GUARDIANFLOW_SLOTS = HOST, 2
    experiment = make_experiment()
    first = make_run(experiment, priority=100, gpus=4, not_before=timezone.now() + HOUR)
    second = make_run(experiment)
    assert [start.run for start in admission.snapshot(HOST).starts(HOST)] == [second.pk]
    assert (place_of(first), place_of(second)) == (None, 1)
    assert [run.place for run in with_place(Run.objects.order_by("pk"))] == [None, 1]  # type: ignore[attr-defined]
    Run.objects.filter(pk=first.pk).update(not_before=timezone.now() - HOUR, gpus=0)
    assert [start.run for start in admission.snapshot(HOST).starts(HOST)] == [first.pk]
    assert place_of(second) == 2


def test_the_clock_decides_whichever_way_it_is_set(home: Home) -> None:
    here = executor().place
    hosts.beat(here)
    run = queue(home.experiment(), not_before=timezone.now() + HOUR)
    assert (
        run.status_reason
        == f"Waits until {timezone.localtime(run.not_before):%Y-%m-%d %H:%M}" + (", as requested.")
    )
    look = due.look(here)
    assert look is not None
    assert not look.start  # an idle machine is not woken for it
    assert launch.start_next(here) == []
    assert not launch.start(run.pk, host=here)
    # The clock is put forward by two hours: seen from there, the time is an hour ago.
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - HOUR)
    run.refresh_from_db()
    assert run.status_reason == "Waits for a worker."  # true although no worker has looked since
    # It is put back before a worker looked.
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() + HOUR)
    assert launch.start_next(here) == []
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - HOUR)
    look = due.look(here)
    assert look is not None
    assert look.start
    assert launch.start_next(here) == [run.pk]
    # Put back once more, a run that has started goes on.
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() + HOUR)
    assert reach(run, RunStatus.FINALIZING).outcome == RunStatus.SUCCEEDED


def test_a_time_that_is_set_while_a_worker_decides_keeps_the_run_from_starting(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue(home.experiment())

    def slow(_run: Run) -> None:
        set_not_before(Run.objects.filter(pk=run.pk), timezone.now() + HOUR)

    monkeypatch.setattr(launch, "_check", slow)
    assert launch.start_next(executor().place) == []
    run.refresh_from_db()
    assert (run.status, run.status_reason[:12]) == (RunStatus.QUEUED, "Waits until ")


def test_a_page_changes_and_clears_the_time(minsu: Client) -> None:
    run = make_run(make_experiment())
    address = f"{run.get_absolute_url().removesuffix('change/')}not-before/"
    page = minsu.post(address, {"not_before": "2019-01-01T00:00"}, follow=True).text
    assert "2019-01-01T00:00 has passed already" in page
    when = timezone.localtime() + 3 * HOUR
    page = minsu.post(address, {"not_before": f"{when:%Y-%m-%dT%H:%M}"}, follow=True).text
    run.refresh_from_db()
    assert run.not_before == when.replace(second=0, microsecond=0)
    assert f"1 run waits until {when:%Y-%m-%d %H:%M}." in page
    assert f'value="{when:%Y-%m-%dT%H:%M}"' in page
    assert (
        summarise_run(run)["not_before"]
        == f"{run.not_before.astimezone(when.tzinfo):%Y-%m-%dT%H:%M}:00.000+09:00"
    )
    assert str(run.pk) in minsu.get("/admin/runs_app/run/?group=later").text
    page = minsu.post(address, {"not_before": ""}, follow=True).text
    assert Run.objects.filter(pk=run.pk, not_before__isnull=True).exists()
    assert "1 run waits for no time any more." in page
    Run.objects.update(status=RunStatus.STARTING, host=HOST)
    page = minsu.post(address, {"not_before": "+2h"}, follow=True).text
    assert "no run is queued any more" in page
    assert Run.objects.get().not_before is None


def test_a_terminal_waits_for_the_time_or_queues_it(home: Home) -> None:
    experiment = home.experiment()
    out, said = StringIO(), StringIO()
    call_command(
        "run_experiment", experiment.name, "--queue", "--not-before=+2h", stdout=out, stderr=said
    )
    run = Run.objects.get(pk=int(out.getvalue()))
    assert run.not_before is not None
    assert run.not_before > timezone.now() + HOUR
    shown = StringIO()
    call_command("show_run", str(run.pk), stdout=shown)
    assert f"{timezone.localtime(run.not_before):%Y-%m-%d %H:%M}" in shown.getvalue()

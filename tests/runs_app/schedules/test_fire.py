"""A schedule over a day: on time, late, with a clock that jumps, an owner who lost the right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from registry_app.models import EntryPoint, Experiment, ScanJob
from registry_app.reading import message_text
from registry_app.sync.run import sync
from runs_app.choices import TimeState
from runs_app.lifecycle import due
from runs_app.models import HostHeartbeat, Run, RunSet, Schedule, ScheduleTime
from runs_app.queue import hosts
from runs_app.schedules import fire as firing
from runs_app.schedules.fire import fire_due
from runs_app.schedules.starting import Started, start
from runs_app.sets import confirmed
from runs_app.sets.definitions import read
from runs_app.sets.places import PIPELINES, source_file
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote, make_remote
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
PIPELINE = """\
experiment: sampyo-gimhae-bct
steps:
  - {name: train, type: train}
"""


@pytest.fixture
def minsu() -> User:
    return make_member("Engineer", "minsu")


@pytest.fixture
def bct(home: Home, settings: Settings) -> Experiment:
    settings.TIME_ZONE = "UTC"
    return home.experiment()


@pytest.fixture
def hourly(bct: Experiment, minsu: User) -> Schedule:
    """A training at every full hour, looked at since half past eleven."""
    return made(minsu, kind="run", experiment=bct, type="train")


def made(owner: User, **values: Any) -> Schedule:
    schedule = Schedule.objects.create(name="hourly", cron="0 * * * *", owner=owner, **values)
    fire_due(NOON - HOUR / 2)
    schedule.refresh_from_db()
    assert schedule.next_at == NOON
    return schedule


def states() -> list[tuple[datetime, str]]:
    return list(ScheduleTime.objects.order_by("at").values_list("at", "state"))


def note() -> str:
    row = ScheduleTime.objects.latest("at")
    return message_text(row.note) if row.note else ""


def test_it_starts_once_at_its_time_in_the_name_of_its_owner(hourly: Schedule, minsu: User) -> None:
    fire_due(NOON - timedelta(seconds=1))
    assert not Run.objects.exists()
    for _tick in range(3):
        fire_due(NOON + timedelta(seconds=2))
    assert Run.objects.get().queued_by == minsu
    assert states() == [(NOON, TimeState.STARTED)]
    hourly.refresh_from_db()
    assert hourly.next_at == NOON + HOUR
    assert Schedule.objects.due(NOON + timedelta(seconds=3)).count() == 0


def test_a_worker_that_was_down_for_a_day_makes_nothing_up(hourly: Schedule) -> None:
    fire_due(NOON + timedelta(days=1, minutes=30))
    assert not Run.objects.exists()
    assert states() == [(NOON, TimeState.MISSED)]
    assert "25 times until" in note()
    fire_due(NOON + timedelta(days=1, hours=1))
    assert Run.objects.count() == 1


def test_a_worker_that_was_held_up_is_not_said_to_have_been_down(hourly: Schedule) -> None:
    host = HostHeartbeat.objects.create(host="gpu1", boot_id="1", tick_at=NOON + HOUR)
    HostHeartbeat.objects.filter(pk=host.pk).update(started_at=NOON - HOUR)
    fire_due(NOON + timedelta(minutes=30))
    assert states() == [(NOON, TimeState.MISSED)]
    assert note().startswith("A worker was running, but busy with something else")


def test_back_a_minute_after_a_full_hour_it_starts_that_one_alone(hourly: Schedule) -> None:
    last = NOON + timedelta(days=1)
    fire_due(last + timedelta(minutes=1))
    assert Run.objects.count() == 1
    assert states() == [(NOON, TimeState.MISSED), (last, TimeState.STARTED)]


def test_a_clock_that_is_put_back_neither_repeats_nor_waits_for_years(hourly: Schedule) -> None:
    fire_due(NOON + timedelta(minutes=1))
    # Ten minutes back: noon comes a second time.
    fire_due(NOON - timedelta(minutes=9))
    fire_due(NOON + timedelta(seconds=5))
    assert Run.objects.count() == 1
    # A clock that was years ahead for a moment.
    fire_due(NOON.replace(year=2033, minute=30))
    assert Run.objects.count() == 1
    fire_due(NOON + timedelta(minutes=5))
    hourly.refresh_from_db()
    assert hourly.next_at == NOON + HOUR
    fire_due(NOON + HOUR)
    assert Run.objects.count() == 2


def test_an_owner_who_lost_the_right_starts_nothing(hourly: Schedule, minsu: User) -> None:
    minsu.groups.clear()
    fire_due(NOON)
    assert not Run.objects.exists()
    assert states() == [(NOON, TimeState.SKIPPED)]
    assert note() == "minsu is not allowed to do this any more."
    minsu.groups.set(make_member("Engineer", "jihun").groups.all())
    fire_due(NOON + HOUR)
    assert Run.objects.count() == 1


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_an_owner_who_is_gone_starts_nothing(hourly: Schedule, minsu: User, how: str) -> None:
    if how == "deleted":
        minsu.delete()
    else:
        User.objects.update(is_active=False)
    fire_due(NOON)
    assert not Run.objects.exists()
    assert states() == [(NOON, TimeState.SKIPPED)]


def test_a_changed_script_is_skipped_and_said(hourly: Schedule, bct: Experiment) -> None:
    (Path(bct.path) / "train_v2.py").write_text("print(2)\n")
    EntryPoint.objects.update(default_script="train_v2.py")
    fire_due(NOON)
    assert not Run.objects.exists()
    assert states() == [(NOON, TimeState.SKIPPED)]
    assert "was changed since an engineer confirmed it" in note()


def test_one_that_breaks_stops_no_other(
    hourly: Schedule, bct: Experiment, minsu: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Schedule.objects.create(
        name="a broken one", kind="gone", cron="0 * * * *", owner=minsu, next_at=NOON,
        computed_at=NOON - HOUR,
    )  # fmt: skip
    fire_due(NOON)
    assert Run.objects.count() == 1
    assert sorted(state for _at, state in states()) == [TimeState.FAILED, TimeState.STARTED]


def test_dying_before_the_next_time_is_stored_starts_no_second_run(
    hourly: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_values: Any) -> None:
        raise KeyboardInterrupt

    for point in ("_prune", "reschedule"):
        with monkeypatch.context() as patch:
            patch.setattr(firing, point, die)
            with pytest.raises(KeyboardInterrupt):
                fire_due(NOON)
    ScheduleTime.objects.update(state=TimeState.STARTING, run=None)
    fire_due(NOON + timedelta(seconds=9))
    assert Run.objects.count() == 1
    assert ScheduleTime.objects.get().run == Run.objects.get()


@pytest.mark.parametrize("has_run", [True, False], ids=["after the run", "before the run"])
def test_a_process_that_died_while_it_started_hides_no_missed_times(
    hourly: Schedule, monkeypatch: pytest.MonkeyPatch, has_run: bool
) -> None:
    def die(schedule: Schedule, at: datetime) -> Started:
        if has_run:
            start(schedule, at)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(firing, "start", die)
        with pytest.raises(KeyboardInterrupt):
            fire_due(NOON)
    assert states() == [(NOON, TimeState.STARTING)]
    fire_due(NOON + timedelta(hours=5, minutes=30))
    dead, missed = ScheduleTime.objects.order_by("at")
    assert (dead.run, dead.state) == (
        (Run.objects.get(), TimeState.STARTED) if has_run else (None, TimeState.FAILED)
    )
    assert Run.objects.count() == has_run
    assert (missed.at, missed.state) == (NOON + HOUR, TimeState.MISSED)
    assert "5 times until" in note()


def test_a_set_that_a_dead_process_started_is_linked(remote: Remote, minsu: User) -> None:
    schedule = made(minsu, kind="pipeline", file="nightly")
    definition = read(source_file(PIPELINES, "nightly"), PIPELINES)
    confirmed.keep(confirmed.content_of(definition), user=minsu)
    started = start(schedule, NOON)
    ScheduleTime.objects.create(schedule=schedule, at=NOON, state=TimeState.STARTING)
    fire_due(NOON + HOUR / 2)
    row = ScheduleTime.objects.get()
    assert (row.state, row.run_set) == (TimeState.STARTED, started.run_set)


def test_a_time_that_was_started_is_not_missed_as_well(
    hourly: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_values: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(firing, "reschedule", die)
        with pytest.raises(KeyboardInterrupt):
            fire_due(NOON)
    fire_due(NOON + timedelta(hours=2, minutes=30))
    assert states() == [(NOON, TimeState.STARTED), (NOON + HOUR, TimeState.MISSED)]
    assert "2 times until" in note()


def test_a_disabled_one_does_nothing(hourly: Schedule) -> None:
    Schedule.objects.update(is_enabled=False)
    assert fire_due(NOON) == 0


def test_a_worker_sees_what_is_due(hourly: Schedule) -> None:
    Schedule.objects.update(next_at=NOON - timedelta(days=365))
    hosts.beat("here")
    found = due.look("here")
    assert found is not None
    assert found.schedules


def test_a_scan_is_requested_once_for_a_time(bct: Experiment) -> None:
    jiwoo = make_member("PM", "jiwoo")
    made(jiwoo, kind="scan")
    for _tick in range(2):
        fire_due(NOON)
    assert ScanJob.objects.get().requested_by == jiwoo


def test_a_pm_who_may_scan_starts_no_run(bct: Experiment) -> None:
    made(make_member("PM", "jiwoo"), kind="run", experiment=bct, type="train")
    fire_due(NOON)
    assert not Run.objects.exists()
    assert note() == "jiwoo is not allowed to do this any more."


@pytest.fixture
def remote(settings: Settings, tmp_path: Path, bct: Experiment) -> Remote:
    remote = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(remote.path)
    (remote.clone / PIPELINES).mkdir()
    (remote.clone / PIPELINES / "nightly.yaml").write_text(PIPELINE)
    remote.commit("experiments: {}\n")
    remote.push()
    sync()
    return remote


def test_a_pipeline_starts_only_with_the_content_that_was_read(remote: Remote, minsu: User) -> None:
    made(minsu, kind="pipeline", file="nightly")
    fire_due(NOON)
    assert not RunSet.objects.exists()
    assert note() == "No engineer has confirmed pipelines/nightly.yaml yet."
    definition = read(source_file(PIPELINES, "nightly"), PIPELINES)
    confirmed.keep(confirmed.content_of(definition), user=minsu)
    fire_due(NOON + HOUR)
    assert RunSet.objects.get().made_by == minsu
    remote.pull()
    (remote.clone / PIPELINES / "nightly.yaml").write_text(PIPELINE + "# changed\n")
    remote.commit_all()
    remote.push()
    sync()
    fire_due(NOON + 2 * HOUR)
    assert RunSet.objects.count() == 1
    assert "pipelines/nightly.yaml was changed since minsu confirmed it" in note()


def test_a_sync_whose_remote_is_away_is_skipped_and_made_the_next_time(remote: Remote) -> None:
    made(make_member("PM", "jiwoo"), kind="sync")
    remote.path.rename(remote.path.with_name("gone"))
    fire_due(NOON)
    assert states() == [(NOON, TimeState.SKIPPED)]
    remote.path.with_name("gone").rename(remote.path)
    fire_due(NOON + HOUR)
    assert note() == "Synced."


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"owner": None}])
def test_a_schedule_that_is_changed_while_another_starts_is_started_as_it_is_then(
    bct: Experiment, minsu: User, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    first = made(minsu, kind="sync")
    second = Schedule.objects.create(
        name="second", cron="0 * * * *", owner=minsu, kind="run", experiment=bct, type="train"
    )
    fire_due(NOON - HOUR / 2)

    def slow(schedule: Schedule, at: datetime) -> Started:
        if schedule.pk == first.pk:
            Schedule.objects.filter(pk=second.pk).update(**change)
            return Started()
        return start(schedule, at)

    monkeypatch.setattr(firing, "start", slow)
    fire_due(NOON)
    assert not Run.objects.exists()

"""From an exit record to how a run ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry_app.messages import Message
from runs_app.choices import RunStatus
from runs_app.executors.base import Job, Phase
from runs_app.executors.outcome import outcome_of
from runs_app.models import Run
from runs_app.runner.folder_records import ExitRecord
from runs_app.texts import reasons, remarks
from runs_app.texts.people import length_of_time


def record(why: str, **values: Any) -> ExitRecord:
    facts = {
        "exit_code": 0,
        "signal": None,
        "started_at": 1_700_000_000.5,
        "finished_at": 1_700_000_060.25,
        "stdout_bytes": 0,
        "stderr_bytes": 0,
        "stragglers": 0,
        "error": "",
    }
    return ExitRecord(why=why, **(facts | values))


RUN = Run(
    cancel_requested_at=datetime(2026, 1, 1, tzinfo=UTC),
    cancel_requested_by="jiwoo",
    timeout_s=60,
    log_limit_mib=10,
    host="gpu1",
)


@pytest.mark.parametrize(
    ("seen", "status", "reason", "exit_code"),
    [
        (
            record("ended_by_script", exit_code=130),
            RunStatus.FAILED,
            reasons.ENDED_BY_SCRIPT(),
            130,
        ),
        (record("exited"), RunStatus.SUCCEEDED, reasons.EXITED_ZERO(), 0),
        (
            record("exited", exit_code=3),
            RunStatus.FAILED,
            reasons.EXITED_NONZERO(code=3),
            3,
        ),
        (
            record("signalled", exit_code=137, signal=9),
            RunStatus.FAILED,
            reasons.KILLED_BY_SIGNAL(signal="9 (SIGKILL)"),
            137,
        ),
        (
            record("cancelled", exit_code=130, signal=2),
            RunStatus.CANCELLED,
            reasons.CANCELLED(user="jiwoo"),
            130,
        ),
        (
            record("timed_out", exit_code=143, signal=15),
            RunStatus.TIMED_OUT,
            reasons.TIMED_OUT(duration=length_of_time(timedelta(minutes=1))),
            143,
        ),
        (
            record("log_limit", exit_code=0),
            RunStatus.FAILED,
            reasons.LOG_LIMIT(mib=10),
            0,
        ),
        (
            record("launch_failed", exit_code=127, error="no such program"),
            RunStatus.ERRORED,
            reasons.LAUNCH_FAILED(error="no such program"),
            None,
        ),
    ],
)
def test_an_exit_record_tells_how_a_run_ended(
    seen: ExitRecord,
    status: RunStatus,
    reason: Message,
    exit_code: int | None,
) -> None:
    outcome = outcome_of(RUN, seen)
    assert (outcome.status, outcome.reason) == (status, reason)
    assert outcome.exit_code == exit_code


def test_an_unrequested_stop_is_blamed_on_no_user() -> None:
    outcome = outcome_of(Run(), record("cancelled", exit_code=130, signal=2))
    assert (outcome.status, outcome.reason) == (RunStatus.CANCELLED, reasons.STOPPED_BY_SIGNAL())


def test_a_clock_that_was_set_back_lets_no_run_end_before_it_began() -> None:
    outcome = outcome_of(RUN, record("exited", finished_at=1_600_000_000.0))
    assert outcome.started_at == outcome.finished_at


def test_the_times_are_the_scripts_own() -> None:
    outcome = outcome_of(RUN, record("exited"))
    assert outcome.started_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)
    assert outcome.finished_at == datetime(2023, 11, 14, 22, 14, 20, 250_000, tzinfo=UTC)


def test_without_a_record_a_run_is_lost() -> None:
    outcome = outcome_of(RUN, None)
    assert (outcome.status, outcome.exit_code) == (RunStatus.LOST, None)
    assert outcome.reason == reasons.SUPERVISOR_DIED()


def test_an_executor_that_knows_why_there_is_no_record_is_believed() -> None:
    job = Job(phase=Phase.OVER, reason=reasons.HOST_REBOOTED(host="gpu1"))
    outcome = outcome_of(Run(notices={remarks.FOLDER_DELETED.code: {}}), None, job)
    assert (outcome.status, outcome.reason) == (RunStatus.LOST, reasons.HOST_REBOOTED(host="gpu1"))


def test_a_lost_run_whose_folder_was_deleted_blames_no_supervisor() -> None:
    outcome = outcome_of(Run(notices={remarks.FOLDER_DELETED.code: {}}), None)
    assert outcome.reason == reasons.FOLDER_DELETED()

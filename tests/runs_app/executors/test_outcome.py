"""From an exit record to how a run ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runs_app.choices import Notice, RunStatus, StatusReason
from runs_app.executors.outcome import verdict_of
from runs_app.models import Run
from runs_app.runner.folder import ExitRecord


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
    boot_id="boot-1",
)


@pytest.mark.parametrize(
    ("seen", "status", "reason", "values", "exit_code"),
    [
        (record("exited"), RunStatus.SUCCEEDED, StatusReason.EXITED_ZERO, {}, 0),
        (
            record("exited", exit_code=3),
            RunStatus.FAILED,
            StatusReason.EXITED_NONZERO,
            {"code": 3},
            3,
        ),
        (
            record("signalled", exit_code=137, signal=9),
            RunStatus.FAILED,
            StatusReason.KILLED_BY_SIGNAL,
            {"signal": 9},
            137,
        ),
        (
            record("cancelled", exit_code=130, signal=2),
            RunStatus.CANCELLED,
            StatusReason.CANCELLED,
            {"user": "jiwoo"},
            130,
        ),
        (
            record("timed_out", exit_code=143, signal=15),
            RunStatus.TIMED_OUT,
            StatusReason.TIMED_OUT,
            {"seconds": 60},
            143,
        ),
        (
            record("log_limit", exit_code=0),
            RunStatus.FAILED,
            StatusReason.LOG_LIMIT,
            {"mib": 10},
            0,
        ),
        (
            record("launch_failed", exit_code=127, error="no such program"),
            RunStatus.ERRORED,
            StatusReason.LAUNCH_FAILED,
            {"error": "no such program"},
            None,
        ),
    ],
)
def test_an_exit_record_tells_how_a_run_ended(
    seen: ExitRecord,
    status: RunStatus,
    reason: StatusReason,
    values: dict[str, Any],
    exit_code: int | None,
) -> None:
    verdict = verdict_of(RUN, seen, boot="boot-1")
    assert (verdict.status, verdict.reason, verdict.values) == (status, reason, values)
    assert verdict.exit_code == exit_code


def test_a_stop_that_nobody_wished_is_not_laid_at_anybodys_door() -> None:
    verdict = verdict_of(Run(), record("cancelled", exit_code=130, signal=2), boot="boot-1")
    assert (verdict.status, verdict.reason) == (RunStatus.CANCELLED, StatusReason.STOPPED_BY_SIGNAL)


def test_a_clock_that_was_set_back_lets_no_run_end_before_it_began() -> None:
    verdict = verdict_of(RUN, record("exited", finished_at=1_600_000_000.0), boot="boot-1")
    assert verdict.started_at == verdict.finished_at


def test_the_times_are_the_scripts_own() -> None:
    verdict = verdict_of(RUN, record("exited"), boot="boot-1")
    assert verdict.started_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)
    assert verdict.finished_at == datetime(2023, 11, 14, 22, 14, 20, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("boot", "reason"),
    [("boot-1", StatusReason.SUPERVISOR_DIED), ("boot-2", StatusReason.HOST_REBOOTED)],
)
def test_without_a_record_a_run_is_lost(boot: str, reason: StatusReason) -> None:
    verdict = verdict_of(RUN, None, boot=boot)
    assert (verdict.status, verdict.reason, verdict.exit_code) == (RunStatus.LOST, reason, None)


def test_a_lost_run_whose_folder_was_deleted_blames_no_supervisor() -> None:
    verdict = verdict_of(Run(notices={Notice.FOLDER_DELETED: {}}), None, boot="boot-1")
    assert verdict.reason == StatusReason.FOLDER_DELETED

"""A cancel ends a waiting run, and stores a request for a running one."""

from __future__ import annotations

import pytest

from runs_app.choices import RunStatus
from runs_app.lifecycle.cancel import cancel
from runs_app.texts import reasons
from tests.factories import make_run, make_user
from tests.runs_app.conftest import Home
from tests.runs_app.driving import queue

pytestmark = pytest.mark.django_db


def test_a_queued_run_is_cancelled_at_once(home: Home) -> None:
    run = queue(home.experiment())
    assert cancel(run, user=make_user("jiwoo"))
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.CANCELLED, reasons.CANCELLED_QUEUED.code)
    assert run.cancel_requested_by == "jiwoo"
    assert not cancel(run, user=None)


def test_for_a_running_run_the_request_is_stored_once(home: Home) -> None:
    run = make_run(home.experiment(), RunStatus.RUNNING)
    assert cancel(run, user=None, by="jiwoo")
    assert not cancel(run, user=None, by="minsu")
    run.refresh_from_db()
    assert (run.status, run.cancel_requested_by) == (RunStatus.RUNNING, "jiwoo")

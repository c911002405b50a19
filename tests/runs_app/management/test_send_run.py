"""A run that is named is sent when `send_run` ends, whichever process did it."""

from __future__ import annotations

import pytest

from runs_app.choices import MlflowState
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.system import locks
from runs_app.system.locks import SEND_LOCK
from tests.runs_app.conftest import Home, Portal
from tests.runs_app.driving import run_to_end
from tests.waiting import LIMIT_S, wait_until, waits_for_a_lock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_it_waits_for_another_sender_and_does_not_send_again(home: Home, portal: Portal) -> None:
    run = run_to_end(home.experiment())
    with locks.hold(folder_of(run).path / SEND_LOCK) as is_ours:
        assert is_ours
        process = portal.start("send_run", str(run.pk))
        wait_until(lambda: waits_for_a_lock(process.pid), what="it waits for the other sender")
        Run.objects.filter(pk=run.pk).update(mlflow_state=MlflowState.SENT)
    _stdout, stderr = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, stderr
    run.refresh_from_db()
    assert (run.mlflow_attempts, run.mlflow_run_id) == (0, "")

"""Cancelling from the command line, and reading logs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command, load_command_class
from django.core.management.base import CommandError, OutputWrapper

from runs_app.choices import RunStatus
from runs_app.models import Run
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db


def call(name: str, *argv: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    # Not as options of call_command, which would take `stderr` for the option of run_logs.
    command = load_command_class("runs_app", name)
    command.stdout, command.stderr = OutputWrapper(out), OutputWrapper(err)
    call_command(command, *argv)
    return out.getvalue(), err.getvalue()


def test_a_queued_run_is_cancelled(home: Home) -> None:
    run = make_run(make_experiment())
    assert "is cancelled" in call("cancel_run", str(run.pk))[0]
    assert Run.objects.get().status == RunStatus.CANCELLED


def test_a_running_run_is_asked_to_stop(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.RUNNING)
    assert "is being stopped" in call("cancel_run", str(run.pk))[0]
    with pytest.raises(CommandError, match="is ending already"):
        call("cancel_run", str(run.pk))


def test_a_run_that_has_ended_cannot_be_cancelled(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    with pytest.raises(CommandError, match="has ended already: succeeded") as refusal:
        call("cancel_run", str(run.pk))
    assert refusal.value.returncode == 2


def test_both_logs_are_read_from_the_run_folder(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_text("시작\n", encoding="utf-8")
    (run.folder / "stderr.log").write_text("a warning\n")
    assert call("run_logs", str(run.pk))[0] == "시작\n"
    assert call("run_logs", str(run.pk), "--stderr")[0] == "a warning\n"


def test_lines_in_cp949_are_shown_as_korean(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_bytes("시작\n".encode() + "손실 0.5".encode("cp949"))
    (run.folder / "stderr.log").write_bytes("한글 오류\n".encode("cp949"))
    assert call("run_logs", str(run.pk))[0] == "시작\n손실 0.5"
    assert call("run_logs", str(run.pk), "--stderr")[0] == "한글 오류\n"


def test_a_run_that_has_not_started_has_no_log_yet(home: Home) -> None:
    run = make_run(make_experiment())
    assert call("run_logs", str(run.pk)) == (
        "",
        f"guardianflow: Run {run.pk} has not started yet.\n",
    )


def test_logs_on_another_machine_are_reported_as_there(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED, host="gpu9")
    with pytest.raises(CommandError, match="it was on gpu9"):
        call("run_logs", str(run.pk))


def test_logs_of_this_machine_that_were_deleted_are_reported_as_gone(home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED, host=settings.GUARDIANFLOW_HOST)
    with pytest.raises(CommandError, match="and its logs with it"):
        call("run_logs", str(run.pk))

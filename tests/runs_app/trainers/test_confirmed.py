"""Trainers of the core repository that no confirmed command covers are read before they start."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from registry_app.models import CoreTrainer, Experiment
from registry_app.sync.run import sync
from runs_app.exceptions import RunnerError
from runs_app.models import ConfirmedFile, Parity, Run
from runs_app.parity.plan import Plan, plan
from runs_app.parity.start import start as start_comparison
from runs_app.trainers import confirmed
from runs_app.trainers.confirmed import UnreadTrainerError
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import queue
from tests.runs_app.trainers.test_core import SCRIPT, TRAINER, put, remote

pytestmark = pytest.mark.django_db
__all__ = ["remote"]  # a fixture


@pytest.fixture
def experiment(home: Home, remote: Remote) -> Experiment:
    """An experiment that trains by its own script; git holds a trainer beside it."""
    made = home.experiment()
    sync()
    return made


def digest() -> str:
    return CoreTrainer.objects.get().digest


def change(remote: Remote) -> None:
    put(remote, TRAINER.replace("epochs: int = 2", "epochs: int = 9"))
    sync()


def comparison(experiment: Experiment) -> Plan:
    return plan(experiment, type="train", old="train.py", new=SCRIPT)


def counts() -> tuple[int, int, int]:
    return Run.objects.count(), Parity.objects.count(), ConfirmedFile.objects.count()


def test_an_unread_trainer_is_not_queued(experiment: Experiment) -> None:
    with pytest.raises(UnreadTrainerError) as refused:
        queue(experiment, script=SCRIPT)
    assert "epochs: int = 2" in str(refused.value)
    assert digest() in str(refused.value)
    assert counts() == (0, 0, 0)


def test_a_digest_that_the_requester_names_is_queued(experiment: Experiment) -> None:
    assert queue(experiment, script=SCRIPT, trainer=digest()).script == SCRIPT
    with pytest.raises(RunnerError):
        queue(experiment, script=SCRIPT, trainer="0" * 64)


def test_run_again_starts_the_same_content_and_no_other(
    experiment: Experiment, remote: Remote
) -> None:
    first = queue(experiment, script=SCRIPT, trainer=digest())
    again = queue(experiment, script=SCRIPT, rerun_of=first)
    assert again.argv == first.argv
    change(remote)
    with pytest.raises(UnreadTrainerError):
        queue(experiment, script=SCRIPT, rerun_of=first)
    assert Run.objects.count() == 2


def test_a_comparison_starts_what_was_read(experiment: Experiment, remote: Remote) -> None:
    planned = comparison(experiment)
    with pytest.raises(UnreadTrainerError):
        start_comparison(planned, user=None)
    with pytest.raises(UnreadTrainerError):
        start_comparison(planned, user=None, read=["0" * 64])
    assert counts() == (0, 0, 0)
    engineer = make_member("Engineer")
    start_comparison(planned, user=engineer, read=[digest()])
    assert ConfirmedFile.objects.get().by == engineer
    assert {run.script for run in Run.objects.all()} == {"train.py", SCRIPT}
    # Later runs of the comparison need no question, as long as nothing changes.
    assert comparison(experiment).unread == ()
    change(remote)
    [waiting] = comparison(experiment).unread
    assert [line.marked.split() for line in waiting.lines if line.state] == [
        ["-", "epochs:", "int", "=", "2"],
        ["+", "epochs:", "int", "=", "9"],
    ]


def test_a_refused_comparison_confirms_nothing(experiment: Experiment) -> None:
    planned = comparison(experiment)
    start_comparison(planned, user=None, read=[digest()])
    before = counts()
    ConfirmedFile.objects.all().delete()
    with pytest.raises(RunnerError, match="already being compared"):
        start_comparison(comparison(experiment), user=None, read=[digest()])
    assert counts() == (*before[:2], 0)


def test_a_trainer_that_a_command_starts_by_default_is_confirmed_with_it(
    experiment: Experiment,
) -> None:
    experiment.entry_points.update(default_script=SCRIPT)
    entry = experiment.entry_points.get()
    assert confirmed.unread(CoreTrainer.objects.get(), entry) is None


def test_on_the_page_it_is_shown_and_ticked(experiment: Experiment, client: Client) -> None:
    client.force_login(make_member("Engineer"))
    address = f"/admin/runs_app/run/parity/{experiment.pk}/"
    values = {"type": "train", "old": "train.py", "new": SCRIPT, "params": ""}
    shown = client.get(address, {**values, "plan": "1"}).content.decode()
    assert "+         epochs: int = 2" in shown
    digest_of_plan = re.search(r'name="plan" value="([0-9a-f]{64})"', shown)
    assert digest_of_plan is not None
    sent: dict[str, Any] = {**values, "plan": digest_of_plan[1]}
    client.post(f"{address}start/", sent)
    assert counts() == (0, 0, 0)
    client.post(f"{address}start/", {**sent, "read": digest()})
    assert Parity.objects.count() == ConfirmedFile.objects.count() == 1


@pytest.mark.parametrize("group", ["Viewer", "PM"])
def test_who_may_not_run_scripts_confirms_nothing(
    experiment: Experiment, client: Client, group: str
) -> None:
    client.force_login(make_member(group))
    values = {"type": "train", "old": "train.py", "new": SCRIPT, "params": "", "read": digest()}
    answer = client.post(f"/admin/runs_app/run/parity/{experiment.pk}/start/", values)
    assert answer.status_code == 403
    assert counts() == (0, 0, 0)


def test_a_command_without_a_terminal_names_the_digest(experiment: Experiment) -> None:
    command = ["check_parity", experiment.name, "--yes", "--queue"]
    with pytest.raises(CommandError) as refused:
        call_command(*command, stdout=StringIO(), stderr=StringIO())
    assert f"--confirm {digest()}" in str(refused.value)
    assert counts() == (0, 0, 0)
    with pytest.raises(SystemExit):
        call_command(*command, "--confirm", digest(), stdout=StringIO(), stderr=StringIO())
    assert ConfirmedFile.objects.count() == Parity.objects.count() == 1


def test_a_trainer_that_is_named_in_a_shell_counts_as_read(experiment: Experiment) -> None:
    command = ["check_parity", experiment.name, "--new", SCRIPT, "--yes", "--queue"]
    with pytest.raises(SystemExit):
        call_command(*command, stdout=StringIO(), stderr=StringIO())
    assert Parity.objects.count() == 1

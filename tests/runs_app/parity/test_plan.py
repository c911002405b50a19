"""What a comparison would do, shown before anything is queued."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError
from runs_app.models import Run
from runs_app.parity.plan import Plan, plan
from runs_app.runner.exceptions import RunnerError
from tests.factories import change_entry_points, make_run, make_script
from tests.runs_app.conftest import Home
from tests.runs_app.parity.examples import PARAMETERS, begin, experiment_of

pytestmark = pytest.mark.django_db


def planned(experiment: Experiment, **params: object) -> Plan:
    return plan(experiment, type="train", old="train.py", new="train_new.py", params=params)


def parity_warnings(found: Plan) -> list[str]:
    return [warning.code for warning in found.warnings if warning.code.startswith("parity")]


def earlier(experiment: Experiment, *, epochs: int, hours: float) -> Run:
    begun = timezone.now() - timedelta(hours=hours)
    return make_run(
        experiment,
        RunStatus.SUCCEEDED,
        params={"epochs": epochs},
        started_at=begun,
        duration_s=hours * 3600,
    )


def test_seeds_control_and_runs_are_known(home: Home) -> None:
    found = planned(experiment_of(home), epochs=10, seed=7)
    assert (found.seed, found.old_seed_name, found.new_seed_name) == (7, "seed", "seed")
    assert found.control == {"kind": "half_the_epochs", "name": "epochs", "value": 5}
    assert found.runs == (4, 14)
    assert not parity_warnings(found)


def test_without_epochs_the_learning_rate_is_the_control(home: Home) -> None:
    experiment = experiment_of(home, parameters=PARAMETERS[1:2])
    found = planned(experiment)
    assert found.control == {"kind": "third_of_lr", "name": "lr", "value": 0.0166667}
    assert parity_warnings(found) == ["parity_warn_no_seed"]


def test_without_parameters_there_is_no_control(home: Home) -> None:
    found = planned(experiment_of(home, parameters=[]))
    assert (found.control, found.runs, found.change) == ({}, (3, 3), None)
    assert parity_warnings(found) == ["parity_warn_no_control", "parity_warn_no_seed"]


def test_hours_are_estimated_from_earlier_runs(home: Home) -> None:
    """Runs of 100 epochs took 10 hours, so 10 epochs on 2 GPUs are 2 GPU hours a run."""
    experiment = experiment_of(home)
    change_entry_points(experiment, gpus=2)
    assert planned(experiment).expected.hours(4) is None
    for hours in (9, 10, 30):
        earlier(experiment, epochs=100, hours=hours)
    expected = planned(experiment, epochs=10).expected
    assert (expected.based_on, expected.scaled_from) == (3, 100)
    assert expected.hours(1) == pytest.approx(2.0)
    assert expected.hours(4) == pytest.approx(8.0)


def test_what_is_fixed_for_the_old_side_is_passed_to_the_new_one(home: Home) -> None:
    experiment = experiment_of(home)
    change_entry_points(experiment, args_template="--epochs 30 --lr {lr}")
    found = planned(experiment, lr="0.2")
    assert found.old.argv[2:] == ("--epochs", "30", "--lr", "0.2")
    assert set(found.new.argv[2:]) == {"--epochs", "30", "--lr", "0.2"}


def test_a_parameter_that_the_new_side_does_not_take_is_refused_by_name(home: Home) -> None:
    experiment = experiment_of(home)
    (Path(experiment.path) / "train_less.py").touch()
    make_script(experiment, path="train_less.py", parameters=PARAMETERS[:1])
    with pytest.raises(RunnerError, match="lr"):
        plan(experiment, type="train", old="train.py", new="train_less.py", params={"lr": 1})


def test_secret_values_are_refused(home: Home) -> None:
    token: dict[str, object] = {"name": "token", "flag": "--token", "type": "str"}
    with pytest.raises(RefusedError, match="token"):
        planned(experiment_of(home, parameters=[token]), token="hunter2")


@pytest.mark.django_db(transaction=True)
def test_one_comparison_at_a_time(home: Home) -> None:
    experiment = experiment_of(home)
    begin(experiment)
    with pytest.raises(RefusedError, match="already being compared"):
        begin(experiment)
    assert Run.objects.count() == 3

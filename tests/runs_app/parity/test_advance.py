"""Comparisons of real little scripts, from their start to what they found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from registry_app.models import Experiment
from runs_app.choices import ParityState, RunStatus
from runs_app.lifecycle import cancel as run_cancel
from runs_app.models import Parity, ParityRun, Run
from runs_app.parity.advance import advance
from runs_app.parity.holds import holds
from runs_app.parity.start import cancel, queue
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, start
from tests.runs_app.parity.examples import (
    CONSTANT,
    HALVED,
    OLD,
    UNSEEDED,
    begin,
    carry_out,
    experiment_of,
    run_queued,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def found(parity: Parity) -> tuple[str, str, str]:
    return parity.outcome, parity.tier, parity.control_result


def roles(parity: Parity) -> list[str]:
    return list(parity.runs.values_list("role", flat=True))


def test_a_seeded_script_equals_its_successor(home: Home) -> None:
    """Three runs under one seed and a control; none of them is ever the best."""
    experiment = experiment_of(home)
    parity = carry_out(begin(experiment, epochs=4))
    assert found(parity) == ("equal", "same_seed", "fell_out")
    assert roles(parity) == ["old", "old", "new", "control"]
    runs = Run.objects.filter(parity_run__parity=parity).order_by("pk")
    assert [run.argv[2:] for run in runs] == [
        ["--epochs", "4", "--seed", "0"],
        ["--epochs", "4", "--seed", "0"],
        ["--epochs", "4", "--seed", "0"],
        ["--epochs", "2", "--seed", "0"],
    ]
    assert all(run.is_marked and not run.is_best for run in runs)
    assert [row["metric"] for row in parity.rows] == ["loss"]
    assert len(parity.rows[0]["old"]) == 2
    assert parity.rows[0]["difference"] == 0.0
    assert parity.machines
    assert holds(experiment).is_proof


@pytest.mark.proof
def test_half_the_epochs_are_out(home: Home) -> None:
    parity = carry_out(begin(experiment_of(home, new=HALVED)))
    assert found(parity) == ("outside", "spread", "not_run")
    assert "loss" in str(parity.reason)
    assert roles(parity).count("old") == 6
    assert not holds(parity.experiment).is_proof


@pytest.mark.proof
def test_an_unseeded_script_is_within_its_spread(home: Home) -> None:
    experiment = experiment_of(home, old=UNSEEDED, new=UNSEEDED)
    parity = carry_out(begin(experiment))
    assert parity.tier == "spread"
    # One comparison in twenty is a false alarm.
    assert parity.outcome in {"within", "outside"}
    if parity.outcome == "within":
        assert parity.control_result == "fell_out"


def test_without_parameters_equal_runs_are_marked_as_without_a_control(home: Home) -> None:
    experiment = experiment_of(home, old=CONSTANT, new=CONSTANT, parameters=[])
    parity = carry_out(begin(experiment))
    assert found(parity) == ("equal", "same_seed", "impossible")
    holding = holds(experiment)
    assert holding.is_proof
    assert not holding.has_control


@pytest.mark.proof
def test_a_script_that_ignores_its_parameters_proves_nothing(home: Home) -> None:
    parity = carry_out(begin(experiment_of(home, old=CONSTANT, new=CONSTANT)))
    assert found(parity) == ("nothing", "same_seed", "stayed_in")


@pytest.mark.proof
def test_a_new_side_that_fails_ends_the_comparison(home: Home) -> None:
    parity = carry_out(begin(experiment_of(home, new="raise SystemExit(3)")))
    assert (parity.outcome, parity.reason and parity.reason.code) == (
        "nothing",
        "parity_run_failed",
    )


def test_an_old_run_that_fails_stops_the_others(home: Home) -> None:
    parity = begin(experiment_of(home, old="raise SystemExit(3)"))
    first = parity.runs.get(role="old", number=0).run
    assert first is not None
    assert start(first)
    end(first)
    assert advance(parity.pk)
    parity.refresh_from_db()
    assert parity.outcome == "nothing"
    statuses = parity.runs.values_list("run__status", flat=True)
    assert list(statuses) == ["failed", "cancelled", "cancelled"]


@pytest.mark.parametrize("name", ["train.py", "train_new.py", "gf_base.py"])
def test_a_changed_file_makes_the_parity_one_of_an_older_state(home: Home, name: str) -> None:
    experiment = experiment_of(home, old=CONSTANT, new=CONSTANT, parameters=[])
    carry_out(begin(experiment))
    file = Path(experiment.path) / name
    before = file.read_text() if file.exists() else None
    file.write_text("# changed\n")
    holding = holds(experiment)
    assert not holding.is_proof
    assert str(holding.reason) == f"The parity is of an older state: {name} changed since then."
    if before is not None:
        file.write_text(before)
        assert holds(experiment).is_proof


def test_a_script_that_changes_meanwhile_ends_the_comparison(home: Home) -> None:
    parity = begin(experiment_of(home))
    run_queued(parity)
    (Path(parity.experiment.path) / "train.py").write_text(OLD + "# edited\n")
    advance(parity.pk)
    parity.refresh_from_db()
    assert str(parity.reason).endswith("train.py changed while its runs were carried out.")


def test_a_script_that_was_another_one_at_a_start_ends_the_comparison(home: Home) -> None:
    """It is edited while the runs wait, and restored before anyone looks."""
    parity = begin(experiment_of(home))
    script = Path(parity.experiment.path) / "train_new.py"
    script.write_text(OLD.replace("0.1)", "0.2)"))
    run_queued(parity)
    script.write_text(OLD)
    advance(parity.pk)
    parity.refresh_from_db()
    assert parity.outcome == "nothing"
    assert str(parity.reason).endswith("train_new.py changed while its runs were carried out.")


def test_cancelling_stops_its_runs(home: Home) -> None:
    parity = begin(experiment_of(home))
    assert cancel(parity, user=None)
    assert not cancel(parity, user=None)
    parity.refresh_from_db()
    assert parity.state == ParityState.CANCELLED
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert not advance(parity.pk)


def test_a_cancelled_run_ends_the_comparison(home: Home) -> None:
    parity = begin(experiment_of(home))
    run = parity.runs.get(role="new").run
    assert run is not None
    run_cancel.cancel(run, user=None)
    advance(parity.pk)
    parity.refresh_from_db()
    assert "ended as Cancelled" in str(parity.reason)
    assert not Run.objects.active().exists()


def test_a_deleted_run_ends_the_comparison(home: Home) -> None:
    parity = begin(experiment_of(home))
    run = parity.runs.get(role="new").run
    assert run is not None
    run_cancel.cancel(run, user=None)
    run.delete()
    advance(parity.pk)
    parity.refresh_from_db()
    assert parity.reason is not None
    assert parity.reason.code == "parity_run_deleted"


class Death(BaseException):
    """The end of a process, at any statement."""


def dying_at(number: int) -> Any:
    """Return a wrapper of the database that dies at its n-th statement."""
    left = number

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if left == 0:
            raise Death
        left -= 1
        return run(sql, params, many, context)

    return connection.execute_wrapper(execute)


@pytest.mark.proof
def test_a_death_at_any_statement_runs_nothing_twice(home: Home) -> None:
    """Each step is repeated with a death one statement later, until it survives."""
    experiment: Experiment = experiment_of(home)
    deaths = 0
    while True:
        try:
            with dying_at(deaths):
                begin(experiment, epochs=2)
            break
        except Death:
            stored = (Parity.objects.count(), ParityRun.objects.count(), Run.objects.count())
            assert stored in {(0, 0, 0), (1, 3, 3)}
            deaths += 1
            if Parity.objects.exists():  # it died after the commit
                break
    assert deaths > 10
    parity = Parity.objects.get()
    while parity.state == ParityState.RUNNING:
        run_queued(parity)
        at = 0
        while True:
            try:
                with dying_at(at):
                    advance(parity.pk)
                break
            except Death:
                at += 1
                assert ParityRun.objects.count() == Run.objects.count()
        assert at > 3
        parity.refresh_from_db()
    assert found(parity) == ("equal", "same_seed", "fell_out")
    assert roles(parity) == ["old", "old", "new", "control"]


def test_two_processes_take_a_step_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one finds the step taken while it was preparing the same runs."""
    parity = begin(experiment_of(home, old=CONSTANT, new=CONSTANT))
    run_queued(parity)

    def other_first(*args: Any, **options: Any) -> None:
        monkeypatch.setattr("runs_app.parity.advance.queue", queue)
        assert advance(parity.pk)
        queue(*args, **options)

    monkeypatch.setattr("runs_app.parity.advance.queue", other_first)
    assert not advance(parity.pk)
    assert roles(parity) == ["old", "old", "new", "control"]

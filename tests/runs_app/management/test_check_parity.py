"""The command that compares a script with the trainer that replaces it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from runs_app.models import Parity, Run
from tests.runs_app.conftest import Home
from tests.runs_app.parity.examples import CONSTANT, carry_out, experiment_of

pytestmark = pytest.mark.django_db
NAME = "sampyo-gimhae-bct"
SIDES = ("--old", "train.py", "--new", "train_new.py")


def command(*argv: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("check_parity", NAME, *argv, stdout=out, stderr=err)
    return int(end.value.code or 0), out.getvalue(), err.getvalue()


def test_without_agreement_the_plan_is_shown_and_nothing_starts(home: Home) -> None:
    experiment_of(home)
    status, _out, err = command(*SIDES, "--param", "epochs=4")
    assert status == 2
    assert "train_new.py --epochs 4" in err
    assert "a control with half the epochs (epochs=2)" in err
    assert "4 runs if old and new are equal under one seed, at most 14." in err
    assert "Expected hours: not known" in err
    assert "--yes starts it" in err
    assert not Run.objects.exists()


def test_the_plan_as_json(home: Home) -> None:
    experiment_of(home)
    status, out, _err = command(*SIDES, "--json")
    shown = json.loads(out)
    assert (status, shown["runs"]) == (2, {"equal": 4, "most": 14})
    assert shown["control"] == {"kind": "half_the_epochs", "name": "epochs", "value": 3}


@pytest.mark.processes
def test_a_comparison_is_queued_and_its_outcome_is_the_exit_status(home: Home) -> None:
    experiment = experiment_of(home, old=CONSTANT, new=CONSTANT, parameters=[])
    status, out, err = command(*SIDES, "--yes", "--queue")
    assert (status, "is queued" in err) == (4, True)
    assert "Running" in out
    carry_out(Parity.objects.get())
    status, out, _err = command("--status")
    assert status == 0
    assert out.splitlines()[0] == "train.py → train_new.py: equal"
    shown = json.loads(command("--status", "--json")[1])
    assert (shown["outcome"], shown["holds"], shown["control"]["result"]) == (
        "equal",
        True,
        "impossible",
    )
    assert [run["role"] for run in shown["runs"]] == ["old", "old", "new"]
    (Path(experiment.path) / "train.py").write_text("# changed\n")
    status, out, _err = command("--status")
    assert status == 4
    assert "of an older state" in out


def test_a_running_comparison_is_cancelled(home: Home) -> None:
    experiment_of(home)
    command(*SIDES, "--yes")
    status, out, _err = command("--cancel")
    assert (status, "Cancelled" in out) == (4, True)
    assert not Run.objects.active().exists()


def test_nothing_was_compared_yet(home: Home) -> None:
    experiment_of(home)
    status, out, err = command("--status")
    assert (status, out) == (4, "")
    assert "not been compared yet" in err

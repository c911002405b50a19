"""From what is known of a script to fields, and from fields to a request."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import RefusedError
from runs_app.views.run_form import blank_card, card_again, posted_card, request_of
from tests.factories import make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

PARAMETERS: list[dict[str, object]] = [
    {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3},
    {"name": "weights", "flag": "--weights", "default_expr": "ROOT / 'w'"},
    {"name": "amp", "flag": "--amp", "action": "store_true", "default": False},
    {"name": "half", "flag": "--half", "action": "boolean_optional"},
    {"name": "mode", "flag": "--mode", "choices": ["fast", "slow"]},
    {"name": "ema", "flag": "--ema", "type": "truthy", "default": True},
    {"name": "cache", "flag": "--cache", "type": "bool"},
    {"name": "classes", "flag": "--classes", "nargs": "+", "default": ["hat", "hook"]},
]


@pytest.fixture
def bct(home: Home) -> Experiment:
    return home.experiment(parameters=PARAMETERS)


def given(experiment: Experiment, **sent: str) -> dict[str, Any]:
    """The parameters of the request that a filled-in form makes."""
    blank = blank_card(experiment, "train")
    data = {field.name: field.value for field in blank.fields if field.kind != "switch"}
    prefix = f"{experiment.pk}-"
    data |= {f"{prefix}script": "train.py", f"{prefix}shown": "train.py"}
    data |= {prefix + name.replace("__", "."): value for name, value in sent.items()}
    return dict(request_of(posted_card(experiment, "train", data)).params)


def test_each_kind_of_parameter_has_its_field(bct: Experiment) -> None:
    fields = {one.parameter.name: one for one in blank_card(bct, "train").fields}
    assert {name: (one.kind, one.value) for name, one in fields.items()} == {
        "epochs": ("text", ""),
        "weights": ("text", ""),
        "amp": ("switch", "false"),
        "half": ("choice", ""),
        "mode": ("choice", ""),
        "ema": ("choice", ""),
        "cache": ("choice", ""),
        "classes": ("many", ""),
    }
    assert fields["epochs"].input_mode == "numeric"
    assert {name: one.hint for name, one in fields.items() if one.hint} == {
        "epochs": "3",
        "ema": "true",
        "amp": "false",
        "classes": "hat\nhook",
    }
    assert fields["ema"].options[0] == ("", "— (true)")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, {}),
        ({"p__epochs": "3"}, {"epochs": "3"}),
        ({"p__ema": "false"}, {"ema": "false"}),
        ({"p__epochs": "9"}, {"epochs": "9"}),
        ({"p__amp": "on"}, {"amp": True}),
        ({"p__half": "false"}, {"half": "false"}),
        ({"p__mode": "slow"}, {"mode": "slow"}),
        ({"p__classes": "hat\r\nhook"}, {"classes": ["hat", "hook"]}),
        ({"p__classes": "hard hat\r\n\r\nvest"}, {"classes": ["hard hat", "vest"]}),
        ({"further": "lr=0.1\nlr=0.2\n\nname=a=b"}, {"lr": ["0.1", "0.2"], "name": "a=b"}),
        ({"further": "lr="}, {"lr": None}),
    ],
)
def test_only_what_is_filled_in_is_given(
    bct: Experiment, sent: dict[str, str], expected: dict[str, Any]
) -> None:
    assert given(bct, **sent) == expected


@pytest.mark.parametrize(
    ("sent", "fix"),
    [
        ({"extra": "'open"}, "Close the quote"),
        ({"p__epochs": "9", "further": "epochs=8"}, "given twice"),
        ({"priority": "high"}, "from -100 to 100"),
        ({"priority": "101"}, "from -100 to 100"),
        ({"note": "x" * 1001}, "longer than 1000"),
        ({"version": "x" * 101}, "longer than 100"),
        ({"environment": "PPE_DATA /nas"}, "Write NAME=VALUE, for example PPE_DATA"),
        ({"environment": "A=1\nA=2"}, "A is given twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(bct: Experiment, sent: dict[str, str], fix: str) -> None:
    with pytest.raises(RefusedError, match=fix):
        given(bct, **sent)


def test_form_again_asks_for_the_same(bct: Experiment) -> None:
    run = make_run(
        bct,
        RunStatus.FAILED,
        params={"epochs": 3, "classes": ["a b"], "amp": False, "lr": [0.1, 0.2]},
        extra_args=["--name", "a b", "$(id)"],
        version="v3",
        note="why",
        priority=5,
    )
    request = request_of(card_again(run))
    assert request.params == {
        "epochs": "3",
        "classes": ["a b"],
        "amp": False,
        "lr": ["0.1", "0.2"],
    }
    assert request.extra_args == ("--name", "a b", "$(id)")
    assert (request.version, request.note, request.priority) == ("v3", "why", 5)


def test_parameters_of_another_script_are_not_taken_over(bct: Experiment) -> None:
    prefix = f"{bct.pk}-"
    data = {f"{prefix}script": "other.py", f"{prefix}shown": "train.py", f"{prefix}p.epochs": "9"}
    card = posted_card(bct, "train", data)
    assert card.is_stale
    assert card.script == "other.py"
    assert card.fields == ()


def test_a_field_begins_with_what_is_fixed_and_takes_it_off_where_it_is_emptied(
    home: Home,
) -> None:
    experiment = home.experiment(parameters=PARAMETERS, template="--epochs 7 --mode {mode}")
    fields = {one.parameter.name: one for one in blank_card(experiment, "train").fields}
    assert (fields["epochs"].value, fields["epochs"].hint) == ("7", "3")
    assert given(experiment) == {}
    assert given(experiment, p__epochs="7") == {}
    assert given(experiment, p__epochs="9") == {"epochs": "9"}
    assert given(experiment, p__epochs=" ") == {"epochs": None}
    run = make_run(experiment, RunStatus.FAILED, params={}, given={"epochs": None})
    assert request_of(card_again(run)).params == {"epochs": None}


def test_variables_of_one_run_are_lines_of_the_form(bct: Experiment) -> None:
    prefix = f"{bct.pk}-"
    card = posted_card(bct, "train", {f"{prefix}environment": "A=x y\r\n\r\nEMPTY=\r\n"})
    assert request_of(card).environment == {"A": "x y", "EMPTY": ""}
    run = make_run(bct, RunStatus.FAILED, given_environment={"A": "x y"})
    assert request_of(card_again(run)).environment == {"A": "x y"}
    secret = posted_card(bct, "train", {f"{prefix}environment": "HF_TOKEN=hf_abc\nA=1"})
    assert secret.shown_environment == "HF_TOKEN=***\nA=1"


def test_defaults_of_an_entry_point_of_its_own_are_fixed(home: Home) -> None:
    experiment = home.experiment(parameters=PARAMETERS)
    own = [{"name": "mode", "flag": "--mode", "choices": ["fast", "slow"], "default": "slow"}]
    experiment.entry_points.update(parameters=own)
    (field,) = blank_card(experiment, "train").fields
    assert (field.value, field.hint) == ("slow", "")
    assert given(experiment, p__mode="") == {"mode": None}


def test_a_required_field_begins_with_what_the_script_has_for_it(home: Home) -> None:
    needs = {"name": "data", "flag": "--data", "default": "a.yaml", "required": True}
    experiment = home.experiment(parameters=[needs])
    assert given(experiment) == {"data": "a.yaml"}


def test_form_again_gives_what_was_given_and_tells_where_the_script_changed(
    bct: Experiment,
) -> None:
    params = {"epochs": 2, "classes": ["hat", "hook"], "mode": "fast", "ema": True}
    run = make_run(bct, RunStatus.FAILED, params=params, given={"mode": "fast"})
    card = card_again(run)
    assert request_of(card).params == {"mode": "fast"}
    earlier = {one.parameter.name: (one.earlier, one.hint) for one in card.fields if one.earlier}
    assert earlier == {"epochs": ("2", "3")}
    older = make_run(bct, RunStatus.FAILED, params=params, given=None)
    assert [one.earlier for one in card_again(older).fields if one.earlier] == ["2"]
    assert request_of(card_again(older)).params == {
        "epochs": "2",
        "classes": ["hat", "hook"],
        "mode": "fast",
        "ema": "true",
    }

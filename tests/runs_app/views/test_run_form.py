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
        "epochs": ("text", "3"),
        "weights": ("text", ""),
        "amp": ("switch", "false"),
        "half": ("choice", ""),
        "mode": ("choice", ""),
        "ema": ("choice", "true"),
        "cache": ("choice", ""),
        "classes": ("many", "hat\nhook"),
    }
    assert fields["epochs"].input_mode == "numeric"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, {}),
        ({"p__epochs": "3"}, {}),
        ({"p__ema": "false"}, {"ema": "false"}),
        ({"p__epochs": "9"}, {"epochs": "9"}),
        ({"p__amp": "on"}, {"amp": True}),
        ({"p__half": "false"}, {"half": "false"}),
        ({"p__mode": "slow"}, {"mode": "slow"}),
        ({"p__classes": "hat\r\nhook"}, {}),
        ({"p__classes": "hard hat\r\n\r\nvest"}, {"classes": ["hard hat", "vest"]}),
        ({"further": "lr=0.1\nlr=0.2\n\nname=a=b"}, {"lr": ["0.1", "0.2"], "name": "a=b"}),
    ],
)
def test_only_what_differs_from_the_script_is_given(
    bct: Experiment, sent: dict[str, str], expected: dict[str, Any]
) -> None:
    assert given(bct, **sent) == expected


@pytest.mark.parametrize(
    ("sent", "cure"),
    [
        ({"extra": "'open"}, "Close the quote"),
        ({"p__epochs": "9", "further": "epochs=8"}, "given twice"),
        ({"priority": "high"}, "from -100 to 100"),
        ({"priority": "101"}, "from -100 to 100"),
        ({"note": "x" * 1001}, "longer than 1000"),
        ({"version": "x" * 101}, "longer than 100"),
    ],
)
def test_what_cannot_be_meant_is_refused(bct: Experiment, sent: dict[str, str], cure: str) -> None:
    with pytest.raises(RefusedError, match=cure):
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

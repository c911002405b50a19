"""A run that chooses a sub-command is asked for what that takes, before it starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry_app.models import Experiment
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, prepare
from runs_app.models import Run
from runs_app.runner.exceptions import MissingParameterError, UnknownParameterError
from tests.factories import change_entry_points, make_member
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

NEW = "/admin/runs_app/run/new/"
DEVICE: dict[str, object] = {"name": "device", "flag": "--device"}
QUIET: dict[str, object] = {"name": "quiet", "flag": "--quiet", "action": "store_true"}
PARTS: dict[str, object] = {"name": "parts", "flag": "--parts", "nargs": "+", "required": True}
LIMIT: dict[str, object] = {"name": "limit", "flag": "--limit", "type": "int", "default": 3}
SHALLOW: dict[str, object] = {"name": "deep", "flag": "--flat", "action": "store_false"}


def chooser(*, required: bool) -> dict[str, object]:
    names = ["create", "count"]
    return {"name": "command", "positional": True, "required": required, "choices": names}


@pytest.fixture
def tool(home: Home) -> Experiment:
    """A script with shared options and two sub-commands, one of which must be chosen."""
    experiment = home.experiment(
        parameters=[DEVICE, QUIET, chooser(required=True)], template="--device {device}"
    )
    experiment.scripts.update(
        type_starts={"train": {}},
        commands=["create", "count"],
        command_parameters={"create": [PARTS], "count": [LIMIT, SHALLOW]},
    )
    return experiment


def prepared(experiment: Experiment, **params: Any) -> PreparedRun:
    return prepare(RunRequest(experiment=experiment, type="train", params=params))


def test_what_a_chosen_sub_command_requires_is_asked_for(tool: Experiment) -> None:
    with pytest.raises(MissingParameterError, match="command"):
        prepared(tool)
    with pytest.raises(MissingParameterError, match="parts"):
        prepared(tool, command="create")
    with pytest.raises(UnknownParameterError, match="parts"):
        prepared(tool, command="count", parts=["a"])


@pytest.mark.parametrize(
    ("params", "argv"),
    [
        ({"parts": ["a", "b"]}, ["create", "--parts", "a", "b"]),
        # The shared parser takes its options before the sub-command alone.
        (
            {"parts": ["a"], "device": "cpu", "quiet": "true"},
            ["--device", "cpu", "--quiet", "create", "--parts", "a"],
        ),
    ],
)
def test_the_words_are_in_the_order_of_the_parsers(
    tool: Experiment, params: dict[str, Any], argv: list[str]
) -> None:
    run = prepared(tool, command="create", **params)
    assert list(run.argv[2:]) == argv
    assert run.given["command"] == run.params["command"] == "create"
    assert list(prepared(tool, **run.given).argv) == list(run.argv)


def test_a_sub_command_may_be_chosen_where_the_script_can_do_without(tool: Experiment) -> None:
    tool.scripts.update(parameters=[DEVICE])
    assert list(prepared(tool).argv[2:]) == []
    assert list(prepared(tool, command="count", limit=5).argv[2:]) == ["count", "--limit", "5"]


def test_a_sub_command_of_the_template_is_asked_in_the_same_way(tool: Experiment) -> None:
    change_entry_points(tool, args_template="--device cpu create")
    with pytest.raises(MissingParameterError, match="parts"):
        prepared(tool)
    argv = list(prepared(tool, parts=["a"]).argv[2:])
    assert argv == ["--device", "cpu", "create", "--parts", "a"]


def form_of(experiment: Experiment, **values: str) -> dict[str, str]:
    own = {"script": "train.py", "shown": "train.py", "chosen": "", "priority": "0", **values}
    return {
        "experiment": str(experiment.pk),
        "type": "train",
        **{f"{experiment.pk}-{name.replace('__', '.')}": value for name, value in own.items()},
    }


def test_the_form_asks_too(client: Client, tool: Experiment) -> None:
    client.force_login(make_member("Engineer", "minsu"))
    part = f'name="{tool.pk}-p.parts"'
    assert part not in client.get(f"{NEW}?experiment={tool.pk}&type=train").content.decode()
    sent = form_of(tool, p__command="create", p__device="cpu")
    piece = client.post(f"{NEW}fields/", sent).content.decode()
    assert part in piece
    assert 'value="cpu"' in piece
    page = client.post(NEW, {**sent, "queue": "1"})
    assert part in page.content.decode()
    assert not Run.objects.exists()
    sent = form_of(tool, chosen="create", p__command="create", p__parts="a\r\nb")
    client.post(NEW, {**sent, "queue": "1"})
    assert Run.objects.get().given == {"command": "create", "parts": ["a", "b"]}


def test_fields_that_were_not_displayed_are_not_taken_for_empty(
    client: Client, tool: Experiment
) -> None:
    client.force_login(make_member("Engineer", "minsu"))
    sent = form_of(tool, p__command="count")
    assert client.post(f"{NEW}preview/", sent).json()["argv"][2:] == ["count"]
    page = client.post(NEW, {**sent, "queue": "1"})
    assert page.status_code == 200
    assert not Run.objects.exists()

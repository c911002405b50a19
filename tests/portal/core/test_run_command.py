"""The command of an entry point: what a shell makes of it after MLflow has filled it in."""

from __future__ import annotations

import random
import shlex

import pytest

from portal.core.run_command import RunCommand, placeholders_of, run_command, written

SIGNS = "aZ가힣 .-_={}'\"$`\\!*#:한 글"


def filled(command: str, values: dict[str, str]) -> list[str]:
    """The words after MLflow has put each value, quoted for a shell, in its place."""
    return shlex.split(command.format(**{name: shlex.quote(text) for name, text in values.items()}))


def test_it_names_experiment_type_and_required_parameters() -> None:
    runs = RunCommand(experiment="donghwa-entec-ppe", type="train")
    command = written(runs, {"data": "data"}, ["hf_token"])
    assert command == (
        "guardianflow run donghwa-entec-ppe --type train --param data={data} "
        "--secret hf_token --named-args --"
    )
    assert run_command(command) == runs


@pytest.mark.parametrize(
    "command",
    ["", "python train.py", "guardianflow run ppe", "guardianflow list", "guardianflow run 'ppe"],
)
def test_other_commands_are_not_the_portals(command: str) -> None:
    assert run_command(command) is None


def test_a_parameter_keeps_its_name_where_mlflow_can_use_it() -> None:
    assert placeholders_of(["data", "학습률", "p0", "optimizer.lr", "batch-size", "class"]) == {
        "data": "data",
        "학습률": "학습률",
        "p0": "p0",
        "optimizer.lr": "p1",
        "batch-size": "p2",
        "class": "class",
    }


def test_any_name_and_any_value_arrive_as_they_are() -> None:
    choose = random.Random(15)  # noqa: S311
    for _round in range(1000):
        texts = ["".join(choose.choices(SIGNS, k=choose.randint(1, 12))) for _part in range(5)]
        experiment, *names = texts
        given = dict(zip(placeholders_of(names).values(), texts[::-1], strict=False))
        runs = RunCommand(experiment=experiment, type="train")
        command = written(runs, placeholders_of(names))
        assert run_command(command) == runs
        values = [f"{name}={given[place]}" for name, place in placeholders_of(names).items()]
        assert filled(command, given) == [
            *("guardianflow", "run", experiment, "--type", "train"),
            *(word for value in values for word in ("--param", value)),
            *("--named-args", "--"),
        ]

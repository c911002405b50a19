"""Two sources never share a name, and the same numbers are told once."""

from __future__ import annotations

import math

import pytest

from registry_app.results.curves import Point, Series
from registry_app.results.reading import Reading
from runs_app.runner.outputs.metric_names import importance, named, without_repeats
from runs_app.runner.outputs.sources import Source

Values = dict[int, float]


def source(name: str, **series: Values) -> Source:
    """A file of a run, or one of its outputs, with these series."""
    found = tuple(
        Series(
            name=key,
            axis="epoch",
            points=tuple(Point(step=step, value=value) for step, value in values.items()),
            count=len(values),
        )
        for key, values in series.items()
    )
    is_log = name in {"stdout", "stderr"}
    return Source(name=name, reading=Reading(series=found), written_ms=0, is_log=is_log)


def names_of(
    sources: list[Source], owners: dict[str, str] | None = None
) -> dict[str, tuple[str, list[float]]]:
    left, _repeats = without_repeats(sources, owners or {})
    return {
        one.name: (one.source.name, [point.value for point in one.series.points])
        for one in named(left, owners or {})
    }


LOSS = {1: 0.54321, 2: 0.43219}
OTHER = {1: 0.9, 2: 0.8}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        # a name of two files: the first has it, the other carries its file's
        (
            [source("results.csv", loss=LOSS), source("b/log.csv", loss=OTHER)],
            {"loss": "results.csv", "b/log/loss": "b/log.csv"},
        ),
        # two files that differ in their suffix alone
        (
            [
                source("results.csv", loss=LOSS),
                source("b/log.csv", loss=OTHER),
                source("b/log.json", loss={1: 3.0}),
            ],
            {"loss": "results.csv", "b/log/loss": "b/log.csv", "b/log.json/loss": "b/log.json"},
        ),
        # the history so far beside each checkpoint
        (
            [
                source("c-10/trainer_state.json", loss={10: 1.0}),
                source("c-20/trainer_state.json", loss={10: 1.0, 20: 0.5}),
            ],
            {"loss": "c-20/trainer_state.json"},
        ),
        # a copy of a table
        (
            [source("results.csv", loss=LOSS), source("copy/results.csv", loss=LOSS)],
            {"loss": "results.csv"},
        ),
        # event files hold floats of 32 bits
        (
            [source("metrics.csv", loss={1: 0.1}), source("tf/events", loss={1: 0.100000001})],
            {"loss": "metrics.csv"},
        ),
        # the log rounds what the table says, counts from one and writes the name otherwise
        (
            [source("results.csv", val_loss={0: 0.54321, 1: 0.43219}),
             source("stdout", **{"Val Loss": {1: 0.5432, 2: 0.4322}})],
            {"val_loss": "results.csv"},
        ),
        ([source("results.csv", loss=LOSS), source("stderr", loss={1: 0.54, 2: 0.43})],
         {"loss": "results.csv"}),
        # the log has percent, the table fractions
        ([source("a.csv", acc={1: 0.91234, 2: 0.92}), source("stdout", acc={1: 91.2, 2: 92.0})],
         {"acc": "a.csv"}),
        # the log has every second epoch
        ([source("a.csv", loss={1: 0.51, 2: 0.42, 3: 0.31}), source("stdout", loss={2: 0.42})],
         {"loss": "a.csv"}),
        # in percent and fractions, but not the same numbers
        ([source("results.csv", acc={1: 0.91, 2: 0.92}), source("stdout", acc={1: 91.0, 2: 93.0})],
         {"acc": "results.csv", "stdout/acc": "stdout"}),
        # the log says something else under the same name
        (
            [source("results.csv", loss=LOSS), source("stdout", loss=OTHER)],
            {"loss": "results.csv", "stdout/loss": "stdout"},
        ),
        # more of it than the table
        (
            [source("results.csv", loss=LOSS), source("stdout", loss={**LOSS, 3: 0.1})],
            {"loss": "results.csv", "stdout/loss": "stdout"},
        ),
        # both outputs say the same
        ([source("stdout", loss=LOSS), source("stderr", loss=LOSS)], {"loss": "stdout"}),
        # files whose names differ in case are two things
        (
            [source("a.csv", loss=LOSS), source("b.csv", Loss=LOSS)],
            {"loss": "a.csv", "Loss": "b.csv"},
        ),
        # what is no number is the same as itself
        (
            [source("a.csv", loss={1: math.nan}), source("stdout", loss={1: math.nan})],
            {"loss": "a.csv"},
        ),
    ],
)  # fmt: skip
def test_each_series_has_a_name_of_its_own(sources: list[Source], expected: dict[str, str]) -> None:
    assert {name: told[0] for name, told in names_of(sources).items()} == expected


def test_the_file_that_mlflow_was_told_of_first_keeps_the_name() -> None:
    sources = [source("results.csv", loss=LOSS), source("a.csv", loss=OTHER)]
    found = names_of(sources, {"loss": "a.csv"})
    assert {name: told[0] for name, told in found.items()} == {
        "loss": "a.csv",
        "results/loss": "results.csv",
    }


def test_a_file_that_has_more_takes_over_the_name_of_its_beginning() -> None:
    sources = [source("a.csv", loss={1: 1.0}), source("b.csv", loss={1: 1.0, 2: 0.5})]
    assert names_of(sources, {"loss": "a.csv"}) == {"loss": ("b.csv", [1.0, 0.5])}


def test_what_is_repeated_is_told_with_its_source() -> None:
    sources = [source("results.csv", loss=LOSS), source("stdout", loss={1: 0.54, 2: 0.43})]
    _left, repeats = without_repeats(sources, {})
    assert {name: dict(one) for name, one in repeats.items()} == {
        "stdout": {"results.csv": ["loss"]}
    }


def test_people_look_at_the_table_of_results_first() -> None:
    paths = ["b.csv", "a/deep/results.csv", "a/b.csv", "results.csv"]
    assert sorted(paths, key=importance) == [
        "results.csv",
        "a/deep/results.csv",
        "b.csv",
        "a/b.csv",
    ]

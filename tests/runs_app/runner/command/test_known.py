"""Which parameter a name means."""

from __future__ import annotations

import pytest

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.known import KnownParameters

BATCH = Parameter(name="batch_size", flag="--batch")
SHORT = Parameter(name="verbose", flag="-v")
OTHER = Parameter(name="batch", flag="--other")
SOURCE = Parameter(name="source", positional=True)


@pytest.mark.parametrize(
    "name", ["batch_size", "batch-size", "--batch-size", "--batch", "batch", "-batch"]
)
def test_parameter_goes_by_its_name_and_its_flag(name: str) -> None:
    assert KnownParameters([SHORT, SOURCE, BATCH]).named(name) is BATCH


def test_own_name_goes_before_the_flag_of_another() -> None:
    assert KnownParameters([BATCH, OTHER]).named("batch") is OTHER
    assert KnownParameters([BATCH, OTHER]).named("--batch") is BATCH


@pytest.mark.parametrize("name", ["", "-", "--", "Batch_Size", "epochs"])
def test_other_names_mean_nothing(name: str) -> None:
    assert KnownParameters([BATCH, SHORT, SOURCE]).named(name) is None


def test_refusal_names_the_nearest_or_all() -> None:
    known = KnownParameters([BATCH, SHORT])
    assert "did you mean batch_size?" in str(known.unknown("batchsize"))
    assert "it takes batch_size, verbose." in str(known.unknown("qqq"))
    assert "it takes none." in str(KnownParameters([]).unknown("qqq"))

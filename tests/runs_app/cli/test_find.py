"""Finding what people name."""

from __future__ import annotations

import pytest

from runs_app.cli.find import experiment_named, run_numbered
from runs_app.exceptions import UnknownExperimentError, UnknownRunError
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name", ["ppe", "donghwa-entec-ppe", "용접", "~/experiments/donghwa-entec-ppe/"]
)
def test_an_experiment_is_found_by_name_directory_or_alias(name: str) -> None:
    ppe = make_experiment("ppe", path="~/experiments/donghwa-entec-ppe", aliases=["용접"])
    assert experiment_named(name) == ppe


def test_the_name_goes_before_the_alias_of_another() -> None:
    make_experiment("a", aliases=["b"])
    assert experiment_named("b" if make_experiment("b") else "").name == "b"


def test_a_path_means_that_directory_and_no_other_of_its_name() -> None:
    make_experiment("donghwa-entec-ppe", path="~/experiments/donghwa-entec-ppe")
    with pytest.raises(UnknownExperimentError, match="There is no experiment /backup/"):
        experiment_named("/backup/donghwa-entec-ppe")


def test_a_word_that_means_several_is_refused_with_their_names() -> None:
    make_experiment("sampyo-gimhae-bct", aliases=["김해"])
    make_experiment("donghwa-gimhae-ppe", aliases=["김해"])
    with pytest.raises(UnknownExperimentError, match="donghwa-gimhae-ppe, sampyo-gimhae-bct"):
        experiment_named("김해")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    make_experiment("donghwa-entec-ppe")
    with pytest.raises(UnknownExperimentError, match="Did you mean donghwa-entec-ppe"):
        experiment_named("donghwa-entec-pp")


def test_an_empty_registry_says_how_to_fill_it() -> None:
    with pytest.raises(UnknownExperimentError, match="guardianflow scan --import"):
        experiment_named("donghwa-entec-ppe")


def test_a_run_is_found_by_its_number() -> None:
    run = make_run(make_experiment())
    assert run_numbered(str(run.pk)) == run_numbered(f"#{run.pk}") == run


@pytest.mark.parametrize("number", ["0", "-1", "abc", "", "9" * 40, "²"])
def test_a_number_without_a_run_is_refused(number: str) -> None:
    with pytest.raises(UnknownRunError, match="guardianflow runs"):
        run_numbered(number)

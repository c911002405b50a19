"""What `doctor` reports once about entry points whose arguments an upgrade changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.doctor.arguments import arguments
from registry_app.models import Experiment
from tests.runs_app.conftest import Home, home, mlflow_store

__all__ = ["home", "mlflow_store"]
pytestmark = pytest.mark.django_db

EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
DATA: dict[str, object] = {"name": "data", "flag": "--data", "default": "a b", "required": True}
MODE: dict[str, object] = {"name": "mode", "positional": True, "default": "fast", "nargs": "?"}


def before_the_upgrade() -> None:
    Experiment.objects.update(created_at=timezone.now() - timedelta(days=3650))


def test_what_is_not_passed_any_more_is_reported_once(home: Home) -> None:
    home.experiment("ppe", parameters=[EPOCHS, MODE], template="--epochs {epochs} --x 1")
    home.experiment("fire", parameters=[DATA])
    home.experiment("fall", parameters=[EPOCHS, MODE], template="--x 1")
    before_the_upgrade()
    lines = list(arguments())
    refused, changed = (line.text for line in lines)
    assert refused == (
        "fire / Train used to start with --data 'a b'; now it is refused: The script needs data. "
        "Give it as --param data=VALUE."
    )
    assert changed == "ppe / Train is started without --epochs 3 from now on; its script decides."
    assert list(arguments()) == []


def test_a_fresh_portal_has_nothing_to_tell(home: Home) -> None:
    home.experiment("ppe", parameters=[EPOCHS], template="--epochs {epochs}")
    assert list(arguments()) == []
    before_the_upgrade()
    assert list(arguments()) == []  # it was asked before


def test_it_takes_the_same_few_queries_for_any_number(
    home: Home, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("a", "b", "c"):
        home.experiment(name, parameters=[EPOCHS], template="--epochs {epochs}")
    before_the_upgrade()
    with django_assert_num_queries(4):
        assert len(list(arguments())) == 3

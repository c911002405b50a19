"""Serving MLflow's pages: only for a store of the portal's own."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings


def test_a_shared_mlflow_has_pages_of_its_own(settings: Settings) -> None:
    settings.MLFLOW_IS_EMBEDDED = False
    with pytest.raises(CommandError, match="names a server, which has pages of its own") as caught:
        call_command("mlflow_ui")
    assert caught.value.returncode == 2

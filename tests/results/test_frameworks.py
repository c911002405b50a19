"""Real trainings, unmodified: portal and MLflow have what the framework logged, point for point."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runs_app.tracking import outbox
from tests.registry_app.results.test_trainings import (
    FILE_TOLERANCE,
    FRAMEWORKS,
    LOG_TOLERANCE,
    SCRIPTS,
    python_with,
)
from tests.results.scripts import Curve
from tests.results.test_scripts import check_mlflow, curves_of, on_sqlite
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [pytest.mark.frameworks, pytest.mark.processes, pytest.mark.mlflow]


@on_sqlite
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_training_is_shown_as_its_framework_logged_it(framework: str, home: Home) -> None:
    python = python_with(framework)
    source = (SCRIPTS / f"train_{framework}.py").read_text(encoding="utf-8")
    experiment = home.experiment(script=source, interpreter=python)
    run = run_to_end(experiment)
    assert run.exit_code == 0, (run.folder / "stderr.log").read_text()
    assert outbox.send(run.pk)
    run.refresh_from_db()
    curves = curves_of(run)
    truth = json.loads((Path(experiment.path) / "truth.json").read_text())
    for place, logged in truth.items():
        tolerance = LOG_TOLERANCE if place == "log" else FILE_TOLERANCE
        for name, values in logged.items():
            wanted = {int(step): value for step, value in values.items()}
            assert any(
                is_same(wanted, curve, tolerance)
                for key, curve in curves.items()
                if key == name or key.endswith(f"/{name}")
            ), f"{place} {name} {wanted}: {curves}"
    check_mlflow(run, curves)


def is_same(wanted: Curve, found: Curve, tolerance: float) -> bool:
    """Return whether a curve is the wanted one, or the same values with the steps of a file.

    A log counts epochs from 1 where its framework's file counts from 0; values that several places
    tell are kept once.
    """
    if len(wanted) == len(found) and not wanted.keys() <= found.keys():
        found = dict(zip(sorted(wanted), (found[step] for step in sorted(found)), strict=True))
    return wanted.keys() <= found.keys() and all(
        abs(found[step] - value) <= tolerance * max(abs(value), 0.1)
        for step, value in wanted.items()
    )

"""Real trainings: what their files and their output say is what the framework says inside.

FRAMEWORKS_PYTHON names one or more interpreters (separated by `:`) that have the frameworks; see
docs/results.md for the versions that were tried.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_app.results.choosing import log_reader
from registry_app.results.curves import Curves
from registry_app.results.file_names import may_hold_results
from registry_app.results.reading import finished, read, rows_of
from tests.registry_app.results.helpers import Points, points_of

pytestmark = pytest.mark.frameworks
SCRIPTS = Path(__file__).parent / "trainings"
FRAMEWORKS = ("lightning", "transformers", "keras", "sklearn", "mmengine", "ultralytics")
TIMEOUT_S = 800
# What a log writes with four digits is equal to its value by this.
LOG_TOLERANCE = 2e-3
FILE_TOLERANCE = 1e-5


def python_with(framework: str) -> str:
    pythons = [one for one in os.environ.get("FRAMEWORKS_PYTHON", "").split(":") if one]
    if not pythons:
        pytest.skip("FRAMEWORKS_PYTHON names no interpreter with training frameworks")
    for python in pythons:
        asked = [python, "-c", f"import importlib.util as u; exit(not u.find_spec('{framework}'))"]
        if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
            return python
    pytest.skip(f"no interpreter of FRAMEWORKS_PYTHON has {framework}")


def found_in(folder: Path, source: str) -> Points:
    """Return what the portal reads: of the log, or of the newest file of a name."""
    if source == "log":
        reader, curves = log_reader(), Curves()
        for name in ("stdout.log", "stderr.log"):
            data = (folder / name).read_bytes()
            reader = log_reader()
            curves.add_all(rows_of(reader, [data]))
        return points_of(finished(reader, curves))
    paths = sorted(path for path in folder.rglob("*") if source in path.name)
    assert paths, source
    assert may_hold_results(str(paths[-1].relative_to(folder)))
    reading = read(str(paths[-1].relative_to(folder)), [paths[-1].read_bytes()])
    assert reading.reason is None
    return points_of(reading)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_portal_reads_what_the_framework_logged(framework: str, tmp_path: Path) -> None:
    python = python_with(framework)
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with (tmp_path / "stdout.log").open("wb") as out, (tmp_path / "stderr.log").open("wb") as err:
        subprocess.run(
            [python, str(SCRIPTS / f"train_{framework}.py")],
            cwd=tmp_path, env=environment, stdout=out, stderr=err, check=True, timeout=TIMEOUT_S,
        )  # fmt: skip
    truth = json.loads((tmp_path / "truth.json").read_text())
    for source, curves in truth.items():
        assert differences(curves, found_in(tmp_path, source), is_log=source == "log") == []


def differences(
    truth: Mapping[str, Mapping[str, float]], found: Points, *, is_log: bool
) -> list[str]:
    """Return where two sets of curves differ; a log may say more than its framework counts."""
    tolerance = LOG_TOLERANCE if is_log else FILE_TOLERANCE
    told: list[str] = []
    for name, values in truth.items():
        wanted = {int(step): value for step, value in values.items()}
        got = found.get(name, {})
        if wanted.keys() != got.keys():
            told.append(f"{name}: steps {sorted(got)[:9]}, not {sorted(wanted)[:9]}")
        told += [
            f"{name} at {step}: {got[step]}, not {value}"
            for step, value in wanted.items()
            if step in got and abs(got[step] - value) > tolerance * max(abs(value), 0.1)
        ]
    if not is_log:
        told += [f"{name} is not the framework's" for name in found.keys() - truth.keys()]
    return told

"""A promotion on a real MLflow server: fetched by anyone, interrupted, emptied by `mlflow gc`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from portal.doctor.promotions import champions
from registry_app.models import Experiment
from runs_app.promotion import request
from runs_app.tracking import registered, store
from tests.portal.processes import free_port
from tests.registry_app.sync.git.remote import Remote
from tests.runs_app.conftest import Home
from tests.runs_app.promotion.test_carry_out import merge, stage
from tests.runs_app.promotion.welding import (
    NAME,
    looked,
    make_core,
    make_welding,
    people,
    promoted,
    ran,
    worked,
)
from tests.runs_app.tracking.server import Server

pytestmark = [pytest.mark.django_db, pytest.mark.proof, pytest.mark.processes]
FETCH = """\
import sys, warnings
warnings.simplefilter("ignore")
import mlflow
mlflow.artifacts.download_artifacts(sys.argv[1], dst_path=sys.argv[2])
"""


@pytest.fixture
def core(home: Home, settings: Settings, tmp_path: Path) -> Remote:
    return make_core(tmp_path / "git", settings)


@pytest.fixture
def ppe(
    home: Home, served_mlflow: Server, core: Remote, request: pytest.FixtureRequest
) -> Experiment:
    """An experiment of a name of its own, as all tests share one server."""
    return make_welding(home, f"{NAME}-{request.node.name[5:30]}")


def outside(server: Server, *words: str) -> None:
    """Run Python as someone who knows nothing but the address of the server."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *words],
        env={**os.environ, "MLFLOW_TRACKING_URI": server.url, "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def away(settings: Settings) -> Iterator[None]:
    """Let nothing listen where the server was."""
    there = settings.MLFLOW_TRACKING_URI
    settings.MLFLOW_TRACKING_URI = f"http://127.0.0.1:{free_port()}"
    store.client.cache_clear()
    try:
        yield
    finally:
        settings.MLFLOW_TRACKING_URI = there
        store.client.cache_clear()


def test_the_champion_is_fetched_by_its_alias_until_mlflow_gc_empties_it(
    ppe: Experiment,
    served_mlflow: Server,
    core: Remote,
    client: Client,
) -> None:
    made = promoted(ppe)
    merge(core, made.core_branch)
    assert looked(ppe)[0] is True
    assert stage(ppe) == 5
    folder = core.path.parent / "fetched"
    folder.mkdir()
    outside(served_mlflow, "-c", FETCH, f"models:/{ppe.name}@champion", str(folder))
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    digest = sha256(file.read_bytes()).hexdigest()
    assert (
        digest == made.main_sha256 == sha256(Path(ppe.path, "best.onnx").read_bytes()).hexdigest()
    )
    assert [line.level for line in champions()] == ["ok"]

    store.client().delete_run(made.mlflow_run_id)
    gc = ("gc", "--backend-store-uri", served_mlflow.database, "--run-ids", made.mlflow_run_id)
    outside(served_mlflow, "-m", "mlflow", *gc)
    holds, why = looked(ppe)
    assert (holds, "gone from MLflow" in why) == (False, True)
    assert stage(ppe) == 4
    [line] = champions()
    assert (line.level, line.text) == ("bad", why)
    minsu, _jiwoo = made.requested_by, made.approved_by
    assert minsu is not None
    client.force_login(minsu)
    assert "gone from MLflow" in client.get(made.get_absolute_url()).content.decode()


def test_a_server_that_is_away_in_the_middle_delays_and_doubles_nothing(
    ppe: Experiment, core: Remote, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes away before each step in turn, for a promotion and for its withdrawal."""
    monkeypatch.setattr(store, "PROBE_TIMEOUT_S", 1)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    training = ran(ppe)
    ran(ppe, "eval", weights="best.onnx")
    minsu, jiwoo = people()
    made = request.request(ppe, training, [], reason="Better hooks", by=minsu)
    request.approve(made, by=jiwoo)
    for name in ("upload", "ensure_version", "set_champion"):
        with monkeypatch.context() as patch:
            step = getattr(registered, name)

            def gone(*args: object, _step: object = step, **options: object) -> object:
                with away(settings):
                    return _step(*args, **options)  # type: ignore[operator]

            patch.setattr(registered, name, gone)
            worked()
        made.refresh_from_db()
        assert made.state == "approved"
        assert made.problem is not None
    worked()
    made.refresh_from_db()
    assert (made.state, made.problem) == ("promoted", None)
    versions = store.client().search_model_versions(f"name = '{ppe.name}'")
    assert [str(version.version) for version in versions] == ["1"]

    request.withdraw(made, by=jiwoo, reason="Too slow")
    with away(settings):
        worked()
    made.refresh_from_db()
    assert (made.state, made.problem is not None) == ("withdrawing", True)
    worked()
    made.refresh_from_db()
    assert (made.state, made.problem) == ("withdrawn", None)
    assert registered.champion_of(ppe.name) == ""

"""MLflow behind a real server: names and numbers that it does not take, and its absence."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs_app.choices import MlflowState
from runs_app.models import Run
from runs_app.texts.outcomes import FILES_REFUSED
from runs_app.tracking import outbox, store
from runs_app.tracking.artifact_names import artifact_path, safe_name
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end
from tests.runs_app.tracking.failing_server import failing
from tests.runs_app.tracking.server import Server
from tests.waiting import LIMIT_S

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.proof,
]

# Whatever a file system takes.
NAMES = [
    "a#b?.csv", "결과 (1) + 100%.txt", "plain.csv", "a\nb.csv", "tab\tb.csv", "%41.csv",
    "a%2541.csv", "~0a.csv", " lead.csv", "a;b=1&c.csv", "quote\"'.csv", "[x]{y}|z.csv",
    "a:b*c<d>.csv", "back\\slash.csv", "line\u2028end.csv", "..csv", "a@b$c,d!e^f`g.csv",
    "\x7f.csv",
]  # fmt: skip
HOSTILE = (
    f"NAMES = {NAMES!r}"
    """
for name in NAMES:
    with open(name, "w", encoding="utf-8") as out:
        out.write(name)
with open("results.csv", "w", encoding="utf-8") as out:
    out.write("epoch,metrics/mAP50(B),손실 [kg],loss@#%,..up,//,plain\\n")
    out.write("1,inf,-inf,nan,1,2,3\\n2,0.5,0.25,0.125,1,2,3\\n")
"""
)


@pytest.fixture
def server(
    home: Home,
    settings: Settings,
    tmp_path: Path,
    empty_store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Server]:
    """The server that the portal sends to; it does not run yet."""
    server = Server(tmp_path, empty_store)
    settings.MLFLOW_TRACKING_URI = server.url
    monkeypatch.setattr(store, "PROBE_TIMEOUT_S", LIMIT_S)
    store.client.cache_clear()
    yield server
    server.kill()
    store.client.cache_clear()


def stored(run: Run) -> Any:
    run.refresh_from_db()
    assert run.mlflow_state == MlflowState.SENT, run.mlflow_error
    return store.client().get_run(run.mlflow_run_id)


def history(run: Run, key: str) -> list[float]:
    points = store.client().get_metric_history(run.mlflow_run_id, key)
    return [point.value for point in sorted(points, key=lambda point: point.step)]


def names(run: Run, folder: str) -> list[str]:
    return sorted(
        artifact.path.removeprefix(f"{folder}/")
        for artifact in store.client().list_artifacts(run.mlflow_run_id, folder)
    )


def send_again(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(
        mlflow_state=MlflowState.PENDING, mlflow_run_id="", mlflow_next_at=None
    )
    assert outbox.send(run.pk)


def test_whatever_a_script_leaves_is_reported_when_the_server_is_there(
    home: Home, server: Server, settings: Settings
) -> None:
    """One story, because a server takes its time to start."""
    long: dict[str, object] = {
        "name": "note",
        "flag": "--note",
        "type": "str",
        "default": "가" * 7000,
    }
    hostile = HOSTILE + "import argparse\np = argparse.ArgumentParser()\np.add_argument('--note')\n"
    bct = home.experiment(script=hostile, parameters=[long], template="--note {note}")
    run = run_to_end(bct)
    assert not outbox.send(run.pk)
    run.refresh_from_db()
    assert "does not respond" in str(run.mlflow_error)
    assert outbox.send_due() == 0

    server.start()
    Run.objects.filter(pk=run.pk).update(mlflow_next_at=timezone.now() - timedelta(seconds=1))
    assert outbox.send_due() == 1
    is_sent_completely(run)
    send_again(run)
    is_sent_completely(run)

    is_given_up_after_three_tries(run_to_end(bct), server, settings)

    store.client().delete_experiment(stored(run).info.experiment_id)
    second = run_to_end(bct)
    assert outbox.send(second.pk)
    assert stored(second).info.experiment_id == stored(run).info.experiment_id


def is_given_up_after_three_tries(run: Run, server: Server, settings: Settings) -> None:
    """One file that the server fails at is noted after three tries; the rest arrives."""
    with failing(lambda method, path: method == "PUT" and "plain" in path, server.url) as proxy:
        settings.MLFLOW_TRACKING_URI = proxy.url
        store.client.cache_clear()
        assert [outbox.send(run.pk) for _ in range(3)] == [False, False, True]
    settings.MLFLOW_TRACKING_URI = server.url
    store.client.cache_clear()
    assert {path.rpartition("/")[2] for path in proxy.refused} == {"plain.csv"}
    assert stored(run).info.status == "FINISHED"
    assert names(run, "outputs") == sorted(
        map(safe_name, [*(name for name in NAMES if name != "plain.csv"), "results.csv"])
    )
    assert run.files.get(path="plain.csv").artifact == ""
    run.refresh_from_db()
    assert FILES_REFUSED.code in run.notices


def is_sent_completely(run: Run) -> None:
    """Names and numbers arrive as far as a server takes them, each once."""
    found = stored(run)
    assert found.info.status == "FINISHED"
    assert (len(found.data.params["note"]), found.data.params["note"][-1]) == (6000, "…")
    # Infinity becomes the greatest number there is, on any store.
    assert history(run, "metrics/mAP50B") == [sys.float_info.max, 0.5]
    assert history(run, "손실 kg") == [-sys.float_info.max, 0.25]
    first, second = history(run, "loss")
    assert math.isnan(first)
    assert second == 0.125
    assert history(run, "up") == [1, 1]
    assert history(run, "plain") == [3, 3]
    assert names(run, "outputs") == sorted(map(safe_name, [*NAMES, "results.csv"]))
    for name in NAMES:
        kept = store.client().download_artifacts(run.mlflow_run_id, artifact_path(name))
        assert Path(kept).read_text(encoding="utf-8") == name

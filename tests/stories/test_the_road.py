"""The whole road: scan, curate, export and import, queue, run, MLflow, linked back.

Jiwoo is a project manager, Minsu an engineer. Everything is real: the web server, the worker, the
scripts, MLflow, and what a browser would send.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.moments import milliseconds
from tests.stories.browser import Browser, Page
from tests.stories.people import employ, experiment_listed, scan_now
from tests.stories.served import ServedPortal
from tests.trees import fingerprint
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.first, pytest.mark.mlflow, pytest.mark.proof]

EXPERIMENTS = "/admin/registry_app/experiment/"
SHOWN = {
    *("id", "experiment", "type", "version", "script", "argv", "cwd", "params", "status"),
    *("status_reason", "exit_code", "queued_by", "queued_at", "started_at", "finished_at", "host"),
    *("run_dir", "mlflow_experiment", "mlflow_run_id", "mlflow_state", "mlflow_error", "files"),
}


def test_the_road(portal: ServedPortal) -> None:
    before = fingerprint(portal.roots)
    admin = portal.browser("admin", portal.password)
    jiwoo = employ(portal, admin, "jiwoo", "PM")
    minsu = employ(portal, admin, "minsu", "Engineer")

    scan(jiwoo)
    curate(jiwoo)
    take_the_file_out_and_back(jiwoo)
    assert fingerprint(portal.roots) == before

    assert jiwoo.get(new_run(jiwoo)).status == 403
    number = train(minsu)
    shown = json.loads(portal.guardianflow("show", str(number), "--json"))
    the_run_tells_everything(shown)
    the_pages_show_it(minsu, number, portal.roots)
    mlflow_holds_it(portal, shown)
    only_the_outputs_are_new(before, portal.roots, shown)


def scan(jiwoo: Browser) -> None:
    """Scan now, in the background, until the page says that it is done."""
    assert scan_now(jiwoo)["created"] == 8
    assert "donghwa-entec-ppe" in jiwoo.get(EXPERIMENTS).words


def curate(jiwoo: Browser) -> None:
    """Jiwoo writes down who looks after the trucks of Gimhae."""
    read = jiwoo.get(f"{EXPERIMENTS}{experiment_listed(jiwoo, 'gimhae')}/")
    page = jiwoo.get(read.link("/change/"))
    page = jiwoo.send(page, page.form("owner"), press="_continue", owner="이지우")
    assert page.status == 200
    assert "이지우" in page.text
    assert "Curated" in page.words


def take_the_file_out_and_back(jiwoo: Browser) -> None:
    """The registry file is exported, edited in an editor, previewed and imported."""
    exported = jiwoo.get(f"{EXPERIMENTS}export-yaml/").text
    data = yaml.safe_load(exported)["experiments"]
    assert data["sampyo-gimhae-bct"]["owner"] == "이지우"
    assert data["donghwa-entec-ppe"]["entry_points"]["train"]["default"] == "train_yolov11_v2.py"
    edited = exported.replace("owner: 이지우", "owner: 김지우")
    page = jiwoo.get(f"{EXPERIMENTS}import-yaml/")
    upload = next(form for form in page.forms if form.multipart)
    preview = jiwoo.send(page, upload, file=edited.encode())
    assert "이지우" in preview.words
    assert "김지우" in preview.words
    applied = jiwoo.send(preview, preview.form("confirm"))
    assert "changeset" in applied.url, applied.words
    assert jiwoo.get(f"{EXPERIMENTS}export-yaml/").text == edited


def new_run(browser: Browser) -> str:
    return f"/admin/runs_app/run/new/?type=train&experiment={experiment_listed(browser, 'ppe')}"


def train(minsu: Browser) -> int:
    """Minsu sees the exact command, presses the button, and follows the run to its end."""
    read = minsu.get(f"{EXPERIMENTS}{experiment_listed(minsu, 'ppe')}/")
    assert "python train_yolov11_v2.py" in read.words
    page = minsu.get(read.link("/run/new/?type=train"))
    assert "python train_yolov11_v2.py" in page.words
    assert "--epochs 12" not in page.words
    form = page.form("token", "queue")
    epochs = next(name for name in form.names if name.endswith("epochs"))
    version = next(name for name in form.names if name.endswith("-version"))
    page = minsu.send(page, form, press="queue", **{epochs: 4, version: "v2"})
    found = re.search(r"/run/(\d+)/", page.url)
    assert found, page.words
    number = int(found[1])
    state = f"/admin/runs_app/run/{number}/state/"
    wait_until(lambda: not minsu.get(state).json()["is_active"], what="the run ends")
    assert minsu.get(state).json()["status"] == "succeeded", minsu.get(state).text
    return number


def the_run_tells_everything(shown: dict[str, Any]) -> None:
    assert set(shown) >= SHOWN
    assert (shown["status"], shown["exit_code"], shown["queued_by"]) == ("succeeded", 0, "minsu")
    assert shown["argv"][1:] == ["train_yolov11_v2.py", "--epochs", "4"]
    assert (shown["given"], shown["params"]["epochs"]) == ({"epochs": 4}, 4)
    assert shown["params"]["batch_size"] == 32
    assert shown["version"] == "v2"
    assert shown["mlflow_experiment"] == "donghwa-entec.busan.plant1.welding.ppe"
    paths = {file["path"] for file in shown["files"]}
    assert "runs/train/exp/results.csv" in paths
    assert "runs/train/exp/weights/best.pt" in paths


def the_pages_show_it(minsu: Browser, number: int, roots: Path) -> None:
    page = minsu.get(f"/admin/runs_app/run/{number}/change/")
    assert "train_yolov11_v2.py" in page.words
    assert "epoch 4/4" in minsu.get(f"/admin/runs_app/run/{number}/log/stdout/?tail=1").text
    table = minsu.get(_raw(page, "results.csv")).text
    kept = roots / "donghwa-entec-ppe" / "runs" / "train" / "exp" / "results.csv"
    assert table.encode() == kept.read_bytes()
    assert f"#{number}" in minsu.get(f"{EXPERIMENTS}?q=ppe").words
    assert f"#{number} donghwa-entec-ppe" in minsu.get("/admin/").words


def _raw(page: Page, name: str) -> str:
    row = next(part for part in page.text.split("<tr") if name in part and "/raw/" in part)
    found = re.search(r'href="([^"]+/raw/)"', row)
    assert found
    return found[1]


MLFLOW = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
run = client.get_run(sys.argv[2])
def walk(path=""):
    for item in client.list_artifacts(run.info.run_id, path):
        yield from walk(item.path) if item.is_dir else [item.path]
json.dump({
    "experiment": client.get_experiment(run.info.experiment_id).name,
    "name": run.info.run_name, "status": run.info.status,
    "start": run.info.start_time, "end": run.info.end_time,
    "tags": run.data.tags, "params": run.data.params,
    "steps": {key: [m.step for m in client.get_metric_history(run.info.run_id, key)]
              for key in run.data.metrics},
    "artifacts": sorted(walk()),
    "runs": len(client.search_runs([run.info.experiment_id])),
}, sys.stdout)
"""


def mlflow_holds_it(portal: ServedPortal, shown: dict[str, Any]) -> None:
    shown = wait_until(
        lambda: (
            (output := json.loads(portal.guardianflow("show", str(shown["id"]), "--json")))[
                "mlflow_state"
            ]
            == "sent"
            and output
        ),
        what="MLflow has been told",
    )
    run = json.loads(portal.ask_mlflow(MLFLOW, shown["mlflow_run_id"]))
    assert run["experiment"] == shown["mlflow_experiment"]
    assert (run["name"], run["status"]) == ("donghwa-entec-ppe/train/v2", "FINISHED")
    assert run["params"]["epochs"] == "4"
    assert run["steps"]["metrics/accuracy_top1"] == [1, 2, 3, 4]
    assert "metrics/precisionB" in run["steps"]
    assert set(run["artifacts"]) >= {
        "logs/stdout.log",
        "logs/stderr.log",
        "outputs/runs/train/exp/results.csv",
        "outputs/runs/train/exp/weights/best.pt",
    }
    tags = run["tags"]
    assert tags["wrapped"] == "true"
    assert tags["script"] == "train_yolov11_v2.py"
    assert tags["guardianflow.customer"] == "donghwa-entec"
    assert tags["guardianflow.zone"] == "welding"
    assert tags["mlflow.user"] == "minsu"
    first = tags["mlflow.note.content"].splitlines()[0]
    assert f"/admin/runs_app/run/{shown['id']}/" in first
    assert run["start"] == milliseconds(datetime.fromisoformat(shown["started_at"]))
    assert run["end"] == milliseconds(datetime.fromisoformat(shown["finished_at"]))
    assert run["runs"] == 1


def only_the_outputs_are_new(before: dict[str, Any], roots: Path, shown: dict[str, Any]) -> None:
    after = fingerprint(roots)
    outputs = {f"donghwa-entec-ppe/{file['path']}" for file in shown["files"]}
    changed = {
        path for path in after if after[path] != before.get(path) and (roots / path).is_file()
    }
    assert changed == outputs
    assert set(before) <= set(after)

"""A script can write into its own run folder: whatever it leaves there stops nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.lifecycle import foreground, reconcile
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run
from runs_app.records.listing import LABELS
from runs_app.texts import reasons, remarks
from runs_app.tracking import live, outbox
from tests.nonsense import NONSENSE, put
from tests.runs_app import driving
from tests.runs_app.conftest import Home, Portal
from tests.waiting import wait_until

# Every file of docs/run-folder.md, and the locks beside them.
FILES = (
    *("spec.json", "supervisor.lock", "claimed", "started.json", "stdout.log", "stderr.log"),
    *("output.index", "cancel", "restored.json", "exit.json", "exit.json.tmp", "supervisor.log"),
    *("manifest-before.jsonl", "manifest-after.jsonl", "launch.json", "source.tar.gz"),
    *("source.json", "source.patch", "requirements.txt", "outputs", "small-files.tar", "files.csv"),
    "small-files-inputs.tar",
    *("executed.ipynb", "live.jsonl", "metrics.jsonl", "mlflow.json", "mlruns", "outputs.part"),
    *("results.json", "results-before.jsonl", "results-before", "own-stores"),
    *("inputs.json", "inputs", "handed-before.jsonl", "trainer.jsonl", "record"),
    *("finish.lock", "send.lock", "launch.lock", "live.lock", "hash.lock", "scratch"),
)

# Writes into its own run folder, which it knows from the address of its MLflow store.
SPOILER = """\
import os, sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
sys.path.insert(0, {repository!r})
from tests.nonsense import put
folder = Path(unquote(urlsplit(os.environ["MLFLOW_TRACKING_URI"]).path)).parent.parent
for name in {names!r}:
    put({kind!r}, folder / name)
Path("best.pt").write_text("weights")
print("written", flush=True)
sys.exit(3)
"""
FORGED = """\
import json, os, sys, time
from pathlib import Path
from urllib.parse import unquote, urlsplit
folder = Path(unquote(urlsplit(os.environ["MLFLOW_TRACKING_URI"]).path)).parent.parent
spec = json.loads((folder / "spec.json").read_text())
(folder / "exit.json").write_text(json.dumps(
    {"format": 1, "token": spec["token"], "why": "exited", "exit_code": 0,
     "started_at": time.time(), "finished_at": time.time()}
))
print("written", flush=True)
while not Path("go").exists():
    time.sleep(0.02)
sys.exit(3)
"""


STATES: tuple[dict[str, object], ...] = (
    {"status": RunStatus.STARTING},
    {"status": RunStatus.RUNNING},
    {"status": RunStatus.FINALIZING, "outcome": RunStatus.FAILED, "exit_code": 3},
    {
        "status": RunStatus.LOST,
        "outcome": RunStatus.LOST,
        "finished_at": datetime(2100, 1, 1, tzinfo=UTC),
    },
)
# Those that fail in different ways; a run with each takes seconds.
UNLIKE = (
    *(
        pytest.param(kind, marks=pytest.mark.proof)
        for kind in (
            "a directory",
            "wrong kinds",
            "an empty object",
            "too deep",
            "a link to itself",
            "a pipe",
        )
    ),
)
PAGES = (
    *(("change",), ("state",), ("metrics",)),
    *((page, stream) for page in ("log", "log_file") for stream in ("stdout", "stderr")),
    *(("record", name) for name in LABELS),
)


def spoiler(kind: str, *names: str) -> str:
    repository = str(Path(__file__).parents[2])
    return SPOILER.format(repository=repository, names=names, kind=kind)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", NONSENSE)
def test_a_script_that_spoils_its_exit_record_ends_as_it_ended(home: Home, kind: str) -> None:
    experiment = home.experiment(script=spoiler(kind, "exit.json"))
    run = foreground.run_here(
        RunRequest(experiment=experiment, type="train"), terminal=foreground.Terminal()
    )
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)
    assert run.reason_code == reasons.EXITED_NONZERO.code
    assert remarks.EXIT_RECORD_WRITTEN.code in run.notices
    assert any("exit.json" in warning for warning in notices.warnings_of(run))
    assert run.files.get(path="best.pt").kept


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_script_that_empties_its_log_says_so(home: Home) -> None:
    code = "print('loss 0.5', flush=True); open('/dev/stdout', 'w').write('done, and all is well')"
    experiment = home.experiment(script=code)
    run = foreground.run_here(
        RunRequest(experiment=experiment, type="train"), terminal=foreground.Terminal()
    )
    assert run.status == RunStatus.SUCCEEDED
    said = " ".join(str(warning) for warning in notices.warnings_of(run))
    assert "at least 9 bytes" in said or "may be gone" in said


@pytest.mark.proof
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_command_ends_with_the_status_of_the_script(home: Home, portal: Portal) -> None:
    home.experiment(script=spoiler("an empty object", "exit.json"))
    done = portal.run("run_experiment", "sampyo-gimhae-bct", "--type", "train")
    assert (done.returncode, done.stdout) == (3, b"written\n"), done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_forged_record_ends_no_run_whose_script_goes_on(home: Home) -> None:
    run = driving.queue(home.experiment(script=FORGED))
    assert driving.start(run)
    log = folder_of(run).stdout
    wait_until(lambda: log.exists() and log.read_bytes() == b"written\n", what="the forgery")
    driving.reach(run, RunStatus.RUNNING)
    reconcile.tick(run.host)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    Path(run.cwd, "go").touch()
    driving.end(run)
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)
    assert remarks.EXIT_RECORD_WRITTEN.code in run.notices


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", NONSENSE)
def test_a_script_that_spoils_every_file_but_its_lock_and_logs_ends(home: Home, kind: str) -> None:
    """Without lock and logs, `spoiled_after_the_end` looks at those."""
    names = [file for file in FILES if file not in {"cancel", "supervisor.lock", "stdout.log"}]
    run = foreground.run_here(
        RunRequest(experiment=home.experiment(script=spoiler(kind, *names)), type="train"),
        terminal=foreground.Terminal(),
    )
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", UNLIKE)
def test_no_page_command_or_tick_fails_whatever_lies_in_the_folder(
    home: Home, mlflow: None, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = driving.run_to_end(home.experiment(parameters=[]))
    assert run.status == RunStatus.SUCCEEDED
    jiwoo = User.objects.create_superuser("jiwoo")
    client = Client()
    client.force_login(jiwoo)
    for name, state in zip(FILES, cycle(STATES), strict=False):
        put(kind, run.folder / name)
        _set(run, **state)
        live.Watch(run.host).look()
        reconcile.tick(run.host)
    for state in STATES:
        _set(run, **state)
        _look_at(run, client)
    Run.objects.filter(pk=run.pk).update(mlflow_state="pending", mlflow_next_at=None)
    outbox.send(run.pk)
    _look_at(run, client)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def _set(run: Run, **state: object) -> None:
    values = {"outcome": "", "exit_code": None, "finished_at": None, "mlflow_state": "sent"}
    Run.objects.filter(pk=run.pk).update(**values | state)


def _look_at(run: Run, client: Client) -> None:
    for page, *more in PAGES:
        response = client.get(reverse(f"admin:runs_app_run_{page}", args=[run.pk, *more]))
        assert response.status_code < 500, (page, response.status_code)
        if response.streaming:
            for _chunk in response:
                pass
    call_command("show_run", str(run.pk), "--json")
    call_command("run_logs", str(run.pk))
    call_command("list_runs")


def test_the_table_of_the_documentation_names_no_file_that_is_not_tried_here() -> None:
    text = Path(__file__).parents[2].joinpath("docs/run-folder.md").read_text(encoding="utf-8")
    folder, _rest = text.split("JSON files are UTF-8", 1)
    rows = [line for line in folder.splitlines() if line.startswith("| `")]
    named = {word.strip(" `/") for row in rows for word in row.split("|")[1].split(",")}
    assert named
    assert not named - set(FILES)

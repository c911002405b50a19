"""The one file that holds the secret values of a run, from its queueing to its end."""

from __future__ import annotations

import importlib
import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection

from portal.doctor import services
from runs_app.choices import MlflowState, RunStatus
from runs_app.exceptions import RunnerError
from runs_app.lifecycle import finish, reconcile
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import again, submit, submit_many
from runs_app.models import Run
from runs_app.system import secret_values
from runs_app.texts import reasons
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "pw-Okapi-88"
HASHED = """\
import argparse, hashlib
parser = argparse.ArgumentParser()
parser.add_argument("--password")
print(hashlib.sha256(str(parser.parse_args().password).encode()).hexdigest(), flush=True)
"""
WAITS = HASHED + "import time\ntime.sleep(600)\n"
PARAMETERS: list[dict[str, object]] = [{"name": "password", "flag": "--password"}]


def files() -> list[Path]:
    folder = secret_values.folder()
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_file_is_there_for_the_run_alone_and_gone_after_it(home: Home) -> None:
    experiment = home.experiment(script=HASHED, parameters=PARAMETERS)
    run = queue(experiment, params={"password": SECRET})
    [file] = files()
    assert file == secret_values.path_of(run.uuid)
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET in file.read_text()
    assert (run.params, run.secrets) == ({"password": "***"}, ["password"])
    assert start(run)
    run = end(run)
    assert run.status == RunStatus.SUCCEEDED
    assert "***" in run.argv
    assert files() == []


def test_the_supervisor_removes_it_although_no_portal_looks(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    assert start(run)
    wait_until((run.folder / "exit.json").exists, what="the script has ended")
    assert files() == []
    assert SECRET not in (run.folder / "spec.json").read_text()


def test_a_run_that_is_cancelled_while_it_waits_leaves_nothing(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    cancel(run, user=None)
    assert files() == []


def test_a_run_that_is_cancelled_while_it_runs_leaves_nothing(home: Home) -> None:
    run = queue(
        home.experiment(script=WAITS, parameters=PARAMETERS, grace_s=0), params={"password": SECRET}
    )
    assert start(run)
    cancel(reach(run, RunStatus.RUNNING), user=None)
    assert end(run).status == RunStatus.CANCELLED
    assert files() == []


def test_a_lost_run_leaves_nothing(home: Home) -> None:
    run = queue(
        home.experiment(script=WAITS, parameters=PARAMETERS, grace_s=0), params={"password": SECRET}
    )
    assert start(run)
    run = reach(run, RunStatus.RUNNING)
    started = json.loads((run.folder / "started.json").read_text())
    os.kill(started["pid"], 9)
    assert len(files()) == 1
    assert end(run).status == RunStatus.LOST
    assert files() == []


def test_a_run_that_cannot_be_launched_leaves_nothing(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    Run.objects.filter(pk=run.pk).update(status=RunStatus.STARTING, host="gpu1")
    run.refresh_from_db()
    finish.give_up(run, reasons.LAUNCH_FAILED(error="no"))
    assert files() == []


def test_without_its_file_a_run_is_refused_with_the_fix(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    secret_values.remove(run.uuid)
    assert not start(run)
    run.refresh_from_db()
    assert run.status == RunStatus.ERRORED
    assert "Queue it again and give them." in run.status_reason


def test_a_damaged_file_ends_the_run_without_telling_a_word_of_it(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    secret_values.path_of(run.uuid).write_text(f'{{"format": 1, "words": "{SECRET}"}}')
    assert start(run)
    run = end(run)
    assert run.status in {RunStatus.FAILED, RunStatus.ERRORED}
    assert "secret values is damaged" in run.status_reason
    assert SECRET not in (run.folder / "supervisor.log").read_text()
    assert SECRET not in (run.folder / "exit.json").read_text()


def test_of_many_that_are_refused_none_leaves_a_file(home: Home) -> None:
    experiment = home.experiment(script=HASHED, parameters=PARAMETERS)
    key = uuid4()
    twice = [
        RunRequest(experiment=experiment, type="train", params={"password": SECRET}, uuid=key)
        for _time in range(2)
    ]
    with pytest.raises(IntegrityError):
        submit_many(twice, user=None)
    assert files() == []
    assert not Run.objects.exists()


def test_sending_a_form_twice_keeps_the_values_of_the_first(home: Home) -> None:
    experiment = home.experiment(script=HASHED, parameters=PARAMETERS)
    request = RunRequest(
        experiment=experiment, type="train", params={"password": SECRET}, uuid=uuid4()
    )
    submit(request, user=None)
    with pytest.raises(IntegrityError):
        submit(request, user=None)
    assert len(files()) == 1


def test_run_again_asks_for_the_value_by_name(home: Home) -> None:
    run = run_to_end(
        home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET}
    )
    with pytest.raises(RunnerError, match="as --secret password"):
        submit(again(run), user=None)
    with pytest.raises(RunnerError, match="only represents"):
        submit(again(run, secrets={"password": "***"}), user=None)
    repeated = submit(again(run, secrets={"password": "another"}), user=None)
    assert repeated.params == {"password": "***"}


def test_a_wrong_value_is_refused_without_showing_it(home: Home) -> None:
    parameters: list[dict[str, object]] = [
        {"name": "password", "flag": "--password", "choices": ["a", "b"]}
    ]
    experiment = home.experiment(script=HASHED, parameters=parameters)
    with pytest.raises(RunnerError) as refused:
        queue(experiment, params={"password": SECRET})
    assert "password" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_worker_removes_what_a_crash_left(home: Home) -> None:
    run = queue(home.experiment(script=HASHED, parameters=PARAMETERS), params={"password": SECRET})
    secret_values.keep(uuid4(), {0: SECRET})
    young = uuid4()
    secret_values.keep(young, {0: SECRET})
    hour_ago = time.time() - 3600
    for file in files():
        if file.name != str(young):
            os.utime(file, (hour_ago, hour_ago))
    reconcile.sweep_secrets()
    assert files() == sorted(secret_values.path_of(key) for key in (run.uuid, young))


def test_rows_from_before_are_masked_and_what_waits_keeps_its_values(home: Home) -> None:
    experiment = make_experiment()
    clear: dict[str, Any] = {
        "argv": ["python", "train.py", "--password", SECRET, "--hf-token=abc", SECRET],
        "params": {"password": SECRET, "epochs": 3},
        "extra_args": ["--hf-token=abc"],
    }
    ended = make_run(experiment, RunStatus.SUCCEEDED, **clear)
    waiting = make_run(experiment, **clear)
    plain = make_run(experiment, params={"epochs": 3}, argv=["python", "train.py", "--epochs", "3"])
    migration = importlib.import_module("runs_app.migrations.0010_mask_secrets_of_runs")
    with connection.schema_editor() as editor:
        migration.mask(apps, editor)
    for run in (ended, waiting):
        run.refresh_from_db()
        assert run.argv == ["python", "train.py", "--password", "***", "--hf-token=***", "***"]
        assert run.params == {"password": "***", "epochs": 3}
        assert run.extra_args == ["--hf-token=***"]
        assert run.secrets == ["password", "--hf-token"]
    assert files() == [secret_values.path_of(waiting.uuid)]
    words = json.loads(files()[0].read_text())["words"]
    assert words == {"3": SECRET, "4": "--hf-token=abc", "5": SECRET}
    plain.refresh_from_db()
    assert plain.secrets == []


def test_older_folders_are_named_by_doctor_and_masked_by_a_command(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(
        make_experiment(),
        RunStatus.SUCCEEDED,
        argv=["python", "train.py", "--password", "***"],
        params={"password": "***"},
        secrets=["password"],
        mlflow_state=MlflowState.SENT,
        mlflow_run_id="abc",
    )
    run.folder.mkdir(parents=True)
    spec = {"format": 1, "argv": ["python", "train.py", "--password", SECRET], "cwd": "/x"}
    (run.folder / "spec.json").write_text(json.dumps(spec))
    (run.folder / "mlflow.json").write_text(json.dumps({"params": {"password": SECRET}}))
    reported = list(services._secrets())
    assert [line.area for line in reported] == ["secrets", "secrets"]
    assert "mask-secrets" in reported[0].fix
    call_command("mask_secrets")
    assert "abc" in capsys.readouterr().err
    for name in ("spec.json", "mlflow.json"):
        text = (run.folder / name).read_text()
        assert SECRET not in text
        assert "***" in text
    [line] = services._secrets()
    assert line.text.startswith("MLflow holds secret values of 1 runs")
    assert "--deleted-in-mlflow" in line.fix
    call_command("mask_secrets")
    assert "abc" in capsys.readouterr().err
    call_command("mask_secrets", "--deleted-in-mlflow")
    assert list(services._secrets()) == []


def test_doctor_sees_a_folder_that_others_may_read(home: Home) -> None:
    secret_values.keep(uuid4(), {0: SECRET})
    secret_values.folder().chmod(0o755)
    [line] = services._secrets()
    assert "readable by other users" in line.text

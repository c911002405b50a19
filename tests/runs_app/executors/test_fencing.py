"""Runs and questions to interpreters are fenced as the settings say, and runs say how."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from runs_app.choices import RunStatus
from runs_app.cli.describe_run import describe_run
from runs_app.exceptions import RunnerError
from runs_app.executors import fencing, isolation
from runs_app.executors.notices import warnings_of
from runs_app.models import Run
from runs_app.runner.folder import RunFolder
from runs_app.runner.isolation.fence import OFF, OPEN_FOLDER, PORTAL, STRICT
from runs_app.texts import remarks
from tests.runs_app.conftest import Home
from tests.runs_app.driving import queue, run_to_end

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

READ_THE_KEY = """\
import sys
try:
    print("key:", open({path!r}).read())
except OSError as error:
    print("refused:", error.strerror)
"""


def stdout(run: Run) -> str:
    return RunFolder(run.folder).stdout.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mode", "says"), [(PORTAL, "refused:"), (STRICT, "refused:"), (OFF, "key:")]
)
def test_a_script_reads_the_secret_key_only_without_a_fence(
    home: Home, fenced: None, settings: Settings, mode: str, says: str
) -> None:
    settings.GUARDIANFLOW_FENCE = mode
    script = READ_THE_KEY.format(path=str(home.path / "secret_key"))
    run = run_to_end(home.experiment(script=script))
    assert run.status == RunStatus.SUCCEEDED
    assert stdout(run).startswith(says)
    isolated = describe_run(run)["isolation"]
    assert (isolated["fence"], isolated["run_as"], isolated["by"]) == (mode, "", "")
    assert isolated["abi"] > 0


@pytest.mark.parametrize("url", ["{path}", "file://{path}"])
def test_the_core_repository_s_credentials_are_hidden_and_its_local_remote_is_read_only(
    home: Home, fenced: None, settings: Settings, tmp_path: Path, url: str
) -> None:
    (tmp_path / "git" / "core.git" / "hooks").mkdir(parents=True)
    (tmp_path / "keys").mkdir()
    secret = tmp_path / "keys" / "token"
    secret.write_text("portal:s3cret", encoding="utf-8")
    settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE = str(secret)
    settings.GUARDIANFLOW_CORE_URL = url.format(path=tmp_path / "git" / "core.git")
    script = f"""\
for path, mode in (("{secret}", "r"), ("{tmp_path}/git/core.git/hooks/update", "w")):
    try:
        open(path, mode)
        print("opened", path)
    except OSError:
        print("refused")
"""
    run = run_to_end(home.experiment(script=script))
    assert stdout(run) == "refused\nrefused\n"
    assert not list(fencing.open_core_paths())


def test_credentials_among_the_experiments_take_no_fence_away(
    home: Home, fenced: None, settings: Settings
) -> None:
    secret = home.roots / "token"
    secret.write_text("portal:s3cret", encoding="utf-8")
    settings.GUARDIANFLOW_CORE_CREDENTIALS_FILE = str(secret)
    assert list(fencing.open_core_paths()) == [str(secret.resolve())]
    run = run_to_end(home.experiment(script="open('new', 'w')"))
    assert describe_run(run)["isolation"]["fence"] == settings.GUARDIANFLOW_FENCE


def test_a_run_keeps_its_records_to_itself_and_writes_its_own_store(
    home: Home, fenced: None
) -> None:
    script = """\
import os
store = os.environ["MLFLOW_TRACKING_URI"].removeprefix("file://")
os.mkdir(store)
open(store + "/meta", "w")
folder = os.path.dirname(os.path.dirname(store))
for name in ("exit.json", "exit.json.tmp", "cancel", "stdout.log.old"):
    try:
        open(os.path.join(folder, name), "w")
        print("forged", name)
    except OSError:
        pass
os.system("echo loud >> /dev/stderr; echo twice | tee -a /dev/stderr")
print("done", flush=True)
"""
    run = run_to_end(home.experiment(script=script))
    assert "forged" not in stdout(run)
    assert "done" in stdout(run)
    folder = RunFolder(run.folder)
    assert folder.stderr.read_text() == "loud\ntwice\n"
    assert (folder.child_store / "meta").exists()


def test_mlflow_makes_its_private_store_with_a_default_experiment(
    home: Home, fenced: None, settings: Settings
) -> None:
    settings.GUARDIANFLOW_FENCE = STRICT
    script = "import mlflow\nwith mlflow.start_run(): mlflow.log_metric('mAP50', 0.9)"
    run = run_to_end(home.experiment(script=script))
    assert run.status == RunStatus.SUCCEEDED, RunFolder(run.folder).stderr.read_text()
    assert list(RunFolder(run.folder).written_store().glob("0/*/metrics/mAP50"))


def test_a_parameter_that_names_a_kept_output_makes_it_readable(
    home: Home, fenced: None, tmp_path: Path
) -> None:
    first = run_to_end(home.experiment("sampyo-gimhae-bct"))
    kept = first.folder / "outputs" / "best.pt"
    assert kept.is_file()
    script = "import sys; print(open(sys.argv[2]).read())"
    weights: list[dict[str, object]] = [
        {"name": "weights", "flag": "--weights", "type": "str", "action": "store"}
    ]
    second = home.experiment("sampyo-gimhae-ppe", script=script, parameters=weights)
    run = run_to_end(second, params={"weights": str(kept)})
    assert stdout(run).strip() == "weights"
    log = run_to_end(second, params={"weights": str(first.folder / "stdout.log")})
    assert log.status == RunStatus.FAILED
    assert remarks.FENCE_CLOSED.code in log.notices


@pytest.mark.parametrize(
    ("word", "is_named"),
    [
        ("{runs}/a/outputs/best.pt", True),
        ("--weights={runs}/a/outputs/sub/best.pt", True),
        ("{runs}/a/executed.ipynb", True),
        ("{artifacts}/0/run/artifacts/best.pt", True),
        ("{runs}/a/stdout.log", False),
        ("{runs}/a/outputs/../stdout.log", False),
        ("{runs}/a", False),
        ("{runs}", False),
        ("{home}/secret_key", False),
        ("best.pt", False),
        ("", False),
    ],
)
def test_only_what_was_kept_of_a_run_is_opened_by_its_name(
    home: Home, settings: Settings, word: str, is_named: bool
) -> None:
    places = {"runs": settings.RUNS_DIR, "artifacts": settings.MLFLOW_ARTIFACTS, "home": home.path}
    assert bool(list(fencing.kept_outputs([word.format(**places)]))) is is_named


def test_a_link_among_the_outputs_leads_nowhere(home: Home, settings: Settings) -> None:
    outputs = settings.RUNS_DIR / "a/outputs"
    outputs.mkdir(parents=True)
    (outputs / "best.pt").symlink_to(home.path / "secret_key")
    assert not list(fencing.kept_outputs([str(outputs / "best.pt")]))


@pytest.mark.parametrize("mode", [PORTAL, STRICT])
def test_experiments_inside_the_home_can_be_used_as_the_demos_are(
    home: Home, fenced: None, settings: Settings, mode: str
) -> None:
    inside = home.path / "demo"
    inside.mkdir()
    settings.GUARDIANFLOW_ROOTS = [inside]
    settings.GUARDIANFLOW_FENCE = mode
    moved = Home(path=home.path, roots=inside, store=home.store)
    script = READ_THE_KEY.format(path=str(home.path / "secret_key")) + "open('best.pt', 'w')\n"
    run = run_to_end(moved.experiment(script=script))
    assert run.status == RunStatus.SUCCEEDED
    assert stdout(run).startswith("refused:")


def test_a_failed_run_says_what_the_fence_kept_it_from(
    home: Home, fenced: None, client: Client, admin_client: Client, capsys: Any
) -> None:
    new = home.path.parent / ".torch"
    run = run_to_end(home.experiment(script=f"import os; os.mkdir({str(new)!r})"))
    assert run.status == RunStatus.FAILED
    [listed] = warnings_of(run)
    assert f"create {new}" in listed
    assert "GUARDIANFLOW_FENCE" in listed
    page = admin_client.get(run.get_absolute_url()).content.decode()
    assert str(new) in page
    assert "fence: portal (Landlock" in page
    call_command("show_run", str(run.pk))
    assert f"fence: portal (Landlock {fencing.isolation_here()['abi']})" in capsys.readouterr().out


def test_a_failure_of_the_scripts_own_is_not_blamed_on_the_fence(home: Home, fenced: None) -> None:
    run = run_to_end(home.experiment(script="raise SystemExit('PermissionError: no licence')"))
    assert run.status == RunStatus.FAILED
    assert warnings_of(run) == []


def test_a_home_in_a_folder_that_is_open_to_all_runs_without_a_fence_and_says_so(
    home: Home, settings: Settings, admin_client: Client
) -> None:
    script = READ_THE_KEY.format(path=str(home.path / "secret_key"))
    run = run_to_end(home.experiment(script=script))
    assert stdout(run).startswith("key:")
    isolated = describe_run(run)["isolation"]
    assert isolated["fence"] == OFF
    if isolated["abi"] > 1:
        assert isolated["reason"] == OPEN_FOLDER
        assert (
            "no fence: the data directory"
            in admin_client.get(run.get_absolute_url()).content.decode()
        )


def test_strict_writes_the_experiment_and_the_named_folders(
    home: Home, fenced: None, settings: Settings, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    script = f"open('best.pt', 'w').write('x'); open({str(shared / 'x')!r}, 'w')"
    experiment = home.experiment(script=script)
    settings.GUARDIANFLOW_FENCE = STRICT
    refused = run_to_end(experiment)
    assert remarks.FENCE_STRICT.code in refused.notices
    assert refused.files.filter(path="best.pt").exists()
    settings.GUARDIANFLOW_FENCE_WRITE = [shared]
    assert run_to_end(experiment).status == RunStatus.SUCCEEDED


@pytest.mark.parametrize(("background", "message"), [(False, "refused"), (True, "signalled")])
def test_what_an_earlier_run_left_can_be_signalled_where_the_entry_point_allows_it(
    home: Home, fenced: None, background: bool, message: str
) -> None:
    if fencing.isolation_here()["abi"] < 6:
        pytest.skip("signals are fenced from Landlock 6 (Linux 6.12) on")
    script = """\
import os
try:
    os.kill(os.getppid(), 0)
    print("signalled")
except OSError:
    print("refused")
"""
    run = run_to_end(home.experiment(script=script, background=background))
    assert stdout(run).strip() == message


TROJAN = """#!/bin/sh
cat {key} > {loot} 2>&1
cat {key}
exec {python} "$@"
"""


@pytest.mark.parametrize("mode", [PORTAL, STRICT, OFF])
def test_a_trojan_interpreter_reads_nothing_when_it_is_only_asked(
    home: Home, fenced: None, settings: Settings, mode: str
) -> None:
    """A script may have put its own program where the environment's Python should be."""
    settings.GUARDIANFLOW_FENCE = mode
    (home.path / "environments").unlink()  # nothing is known of it yet
    (home.path / "preflight").unlink()
    experiment = home.experiment(script="import json")
    loot = home.roots / "loot"
    python = home.roots / "sampyo-gimhae-bct/.venv/bin/python"
    python.parent.mkdir(parents=True)
    text = TROJAN.format(key=home.path / "secret_key", loot=loot, python=sys.executable)
    python.write_text(text)
    python.chmod(0o755)
    try:
        run = queue(experiment)
        assert run.interpreter == str(python)
    except RunnerError:
        pass
    stolen = settings.SECRET_KEY in (loot.read_text() if loot.exists() else "")
    assert stolen is (mode == OFF)


def test_an_interpreter_that_talks_without_end_is_refused(home: Home, fenced: None) -> None:
    python = home.roots / "loud"
    python.write_text("#!/bin/sh\nyes\n")
    python.chmod(0o755)
    from runs_app.runner.exceptions import InterpreterError
    from runs_app.runner.interpreter.module_specs import ask

    with pytest.raises(InterpreterError, match="did not respond"):
        ask(python, ["json"], fence=fencing.fence_of_question(), timeout_s=60)


def test_the_state_of_this_machine_is_what_its_runs_report(home: Home, fenced: None) -> None:
    run = run_to_end(home.experiment())
    reported = isolation.isolation_of(RunFolder(run.folder))
    here = fencing.isolation_here()
    assert {name: reported[name] for name in here} == here
    assert reported["rules"] > 0
    assert json.loads(json.dumps(here)) == here

"""What `guardianflow doctor` says, and when it ends with status 1."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import Settings

from portal.doctor import report, services, setup
from portal.doctor.line import Level, Line
from portal.doctor.loose_files import loose
from registry_app.messages import plain
from runs_app.choices import RunStatus
from runs_app.models import HostHeartbeat
from runs_app.queue import hosts
from tests.doubles.gpus import Gpus
from tests.factories import change_entry_points, make_experiment, make_run
from tests.runs_app.conftest import Home, fenced, gpus, home, mlflow, mlflow_store

__all__ = ["fenced", "gpus", "home", "mlflow", "mlflow_store"]
pytestmark = pytest.mark.django_db
NO_LISTENER = "http://kim:secret@127.0.0.1:9"


@pytest.fixture(autouse=True)
def sound(home: Home, settings: Settings, fenced: None) -> None:
    """A set-up without problems: nothing stored in MLflow, static files as if built."""
    settings.STATIC_ROOT = home.path / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")
    for path in list(loose(home.path)):
        path.chmod(path.stat().st_mode & 0o700)


def shown(lines: object, area: str) -> list[Level]:
    return [line.level for line in lines if line.area == area]  # type: ignore[attr-defined]


def one(lines: object, area: str) -> Line:
    [line] = [line for line in lines if line.area == area]  # type: ignore[attr-defined]
    return line  # type: ignore[no-any-return]


def test_a_sound_set_up_with_a_worker_is_all_well(settings: Settings) -> None:
    hosts.beat(settings.GUARDIANFLOW_HOST)
    lines = list(report.examine())
    assert not [line for line in lines if line.level is Level.BAD]
    for area in ("python", "packages", "home", "roots", "database", "worker", "mlflow", "gpu"):
        assert set(shown(lines, area)) == {Level.OK}, area


def test_every_problem_names_a_fix(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_PYTHON = str(tmp_path / "python")
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "gone"]
    settings.STATIC_ROOT = tmp_path / "nothing"
    troubles = [line for line in report.examine() if line.level is not Level.OK]
    assert {"python", "roots", "assets", "worker"} <= {line.area for line in troubles}
    assert all(line.fix for line in troubles)


def test_a_python_that_is_no_python_is_bad(settings: Settings, tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    settings.GUARDIANFLOW_PYTHON = str(fake)
    assert shown(setup.python(), "python") == [Level.OK, Level.BAD]


def test_packages_that_are_not_as_locked_are_reported(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "runtime.txt"
    lock.write_text(
        "pyyaml==0.1 \\\n    --hash=sha256:00\n    # via nobody\n"
        "no-such-package==1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    )
    line = one(setup.packages(), "packages")
    assert (line.level, line.fix) == (Level.WARN, "Run `make setup`.")
    assert "pyyaml" in line.text
    assert "no-such-package" not in line.text
    lock.write_text("no-such-package==1 \\\n    --hash=sha256:00\n")
    assert shown(setup.packages(), "packages") == [Level.BAD]


def test_a_missing_folder_of_experiments_is_a_warning(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "gone"]
    assert shown(setup.folders(), "roots") == [Level.WARN]


def test_a_home_that_is_gone_is_bad(settings: Settings, tmp_path: Path) -> None:
    settings.GUARDIANFLOW_HOME = tmp_path / "gone"
    assert shown(setup.folders(), "home") == [Level.BAD]


def test_a_full_disk_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "LITTLE_FREE_BYTES", 2**80)
    assert shown(setup.folders(), "disk") == [Level.WARN]
    monkeypatch.setattr(setup, "NO_FREE_BYTES", 2**80)
    assert shown(setup.folders(), "disk") == [Level.BAD]


def test_an_older_database_is_bad_and_named() -> None:
    MigrationRecorder(connection).record_unapplied("runs_app", "0001_initial")
    line = one(services.rows(), "database")
    assert line.level is Level.BAD
    assert "guardianflow migrate" in line.fix


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content", "level"), [(None, Level.OK), (b"", Level.OK), (b"no database\n" * 99, Level.BAD)]
)
def test_a_database_that_is_no_database_is_bad(
    tmp_path: Path, content: bytes | None, level: Level
) -> None:
    here, file = connection.settings_dict["NAME"], tmp_path / "portal.sqlite3"
    if content is not None:
        file.write_bytes(content)
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        assert shown(services.rows(), "database") == [level]
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here
    assert file.exists() == (content is not None)


def test_no_worker_is_bad_only_where_runs_wait() -> None:
    assert shown(services.rows(), "worker") == [Level.WARN]
    make_run(make_experiment(), RunStatus.QUEUED)
    assert shown(services.rows(), "worker") == [Level.BAD]
    hosts.beat("gpu1")
    assert one(services.rows(), "worker").level is Level.OK
    HostHeartbeat.objects.update(tick_at=timezone.now() - timedelta(minutes=5))
    assert shown(services.rows(), "worker") == [Level.BAD]


def test_a_drained_host_is_reported() -> None:
    hosts.beat("gpu1")
    hosts.drain("gpu1", by="jiwoo")
    assert shown(services.rows(), "worker") == [Level.OK, Level.WARN]


def test_gpus_are_listed_and_a_driver_that_does_not_answer_is_reported(
    gpus: Gpus,
) -> None:
    assert "scripts run on the CPU" in one(services.gpus(), "gpu").text
    gpus.add(2)
    gpus.use(1, 6_144)
    texts = [line.text for line in services.gpus()]
    assert texts == [
        "0: RTX 4090, 23.4 of 23.4 GiB free",
        "1: RTX 4090, 17.4 of 23.4 GiB free",
    ]
    gpus.write(error="Unknown")
    assert shown(services.gpus(), "gpu") == [Level.WARN]


def test_mlflow_being_away_is_a_warning_without_its_password(settings: Settings) -> None:
    settings.MLFLOW_IS_EMBEDDED = False
    settings.MLFLOW_TRACKING_URI = NO_LISTENER
    line = one(services.mlflow(), "mlflow")
    assert line.level is Level.WARN
    assert "127.0.0.1:9" in line.text
    assert "secret" not in line.text


@pytest.mark.mlflow
@pytest.mark.usefixtures("mlflow")
def test_an_mlflow_store_that_is_there_answers(settings: Settings) -> None:
    settings.MLFLOW_IS_EMBEDDED = False
    assert shown(services.mlflow(), "mlflow") == [Level.OK]


def test_runs_that_mlflow_did_not_take_are_reported() -> None:
    make_run(
        make_experiment(), RunStatus.SUCCEEDED, mlflow_error=plain("MLflow\ndoes not respond.")
    )
    line = one(services.rows(), "mlflow")
    assert line.level is Level.WARN
    assert "MLflow does not respond." in line.text


def test_says_one_line_for_each_thing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warn", "bad"}
    assert len(lines) == len(list(report.examine()))


def test_programs_get_json_and_status_1_where_something_is_bad(
    capsys: pytest.CaptureFixture[str], settings: Settings, tmp_path: Path
) -> None:
    settings.GUARDIANFLOW_PYTHON = str(tmp_path / "python")
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    assert ended.value.code == 1
    lines = json.loads(capsys.readouterr().out)
    assert {"level", "area", "text", "cure"} == set(lines[0])
    assert "bad" in {line["level"] for line in lines}


@pytest.mark.processes
def test_looking_at_a_fresh_home_makes_no_database(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUARDIANFLOW_HOME", str(tmp_path / "fresh"))
    subprocess.run(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "doctor"],
        capture_output=True,
        check=False,
    )
    assert [file.name for file in (tmp_path / "fresh").iterdir()] == ["secret_key"]


def test_odd_interpreters_and_commands_that_wait_are_named(home: Home, settings: Settings) -> None:
    bct = home.experiment("bct")
    assert one(services.rows(), "commands").level is Level.OK
    change_entry_points(bct, interpreter="/opt/yolo/bin/python")
    line = one(services.rows(), "commands")
    assert line.level is Level.WARN
    assert "bct / Train: /opt/yolo/bin/python" in line.text
    assert "GUARDIANFLOW_INTERPRETERS" in line.fix
    settings.GUARDIANFLOW_INTERPRETERS = ["/opt/yolo/"]
    assert one(services.rows(), "commands").level is Level.OK
    bct.entry_points.update(args_template="--epochs 9")
    assert "wait for an engineer to read them: bct / Train" in one(services.rows(), "commands").text

"""A backup comes back whole, or nothing is changed; what was there before is kept."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from portal.backup import format as fmt
from portal.backup import restore as restoring
from portal.backup.create import backup
from portal.backup.format import BackupError
from portal.backup.restore import restore
from registry_app.models import Experiment
from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.runner.handover import keeping_directory
from runs_app.system import locks
from runs_app.tracking import outbox, store
from runs_app.worker import parent
from tests.factories import make_experiment, make_run
from tests.portal.standing import Standing, standing
from tests.runs_app.conftest import Portal, home, mlflow_store, portal
from tests.runs_app.driving import end, queue, run_to_end, start
from tests.waiting import wait_until

__all__ = ["home", "mlflow_store", "portal", "standing"]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(".lock")
    }


@pytest.fixture
def saved(standing: Standing, tmp_path: Path, settings: Settings) -> Path:
    """A backup of a portal with one experiment, one run and a registry file."""
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_text("epoch 1\n")
    settings.GUARDIANFLOW_REGISTRY.parent.mkdir()
    settings.GUARDIANFLOW_REGISTRY.write_text("experiments: {}\n")
    backup(tmp_path / "b.tar.gz")
    return tmp_path / "b.tar.gz"


def test_comes_back_in_another_home(
    standing: Standing, saved: Path, tmp_path: Path, settings: Settings
) -> None:
    before = tree(standing.home.path / "runs")
    standing.move_to(tmp_path / "other")
    assert restore(saved).set_aside == ()
    assert Experiment.objects.get().name == "sampyo-gimhae-bct"
    assert Run.objects.get().status == RunStatus.SUCCEEDED
    assert tree(tmp_path / "other" / "runs") == before
    assert settings.GUARDIANFLOW_REGISTRY.read_text() == "experiments: {}\n"
    assert not list((tmp_path / "other").glob(".restore*"))


def test_what_comes_back_is_for_its_owner_alone(
    standing: Standing, saved: Path, tmp_path: Path
) -> None:
    other = standing.move_to(tmp_path / "other")
    restore(saved)
    parts = [other / "runs", *(other / "runs").rglob("*"), other / "portal.sqlite3"]
    assert not [part for part in parts if part.stat().st_mode & 0o077]


def test_content_with_two_names_comes_back_once(standing: Standing, tmp_path: Path) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    run.folder.mkdir(parents=True)
    (run.folder / "a.pt").write_bytes(os.urandom(2**20))
    os.link(run.folder / "a.pt", run.folder / "b.pt")
    before = tree(standing.home.path / "runs")
    backup(tmp_path / "b.tar.gz")
    other = standing.move_to(tmp_path / "other")
    restore(tmp_path / "b.tar.gz")
    assert tree(other / "runs") == before
    assert os.path.samefile(*((other / "runs" / str(run.uuid) / f"{name}.pt") for name in "ab"))


@pytest.mark.parametrize(
    ("name", "linked"),
    [
        ("runs/x/b", "/etc/passwd"),
        ("runs/x/b", "runs/x/../../../x"),
        ("runs/x/b", "runs/x/later"),
        ("runs/x/b", "registry.yaml"),
        ("elsewhere", "runs/x/stdout.log"),
    ],
)
def test_second_name_of_anything_but_an_earlier_file_is_refused(
    standing: Standing, saved: Path, tmp_path: Path, name: str, linked: str
) -> None:
    made = rewritten(saved)
    with tarfile.open(made) as old:
        first = next(member.name for member in old if member.name.startswith("runs/"))
    with tarfile.open(made, "a") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.LNKTYPE, linked.replace("runs/x/stdout.log", first)
        tar.addfile(member)
    standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match=r"link|known place"):
        restore(made)


def test_data_that_is_there_is_not_touched(standing: Standing, saved: Path) -> None:
    make_experiment("donghwa-entec-ppe")
    with pytest.raises(BackupError, match="--force"):
        restore(saved)
    assert Experiment.objects.count() == 2


def test_by_force_what_is_there_is_renamed_and_can_be_renamed_back(
    standing: Standing, saved: Path
) -> None:
    make_experiment("donghwa-entec-ppe")
    done = restore(saved, force=True)
    assert Experiment.objects.count() == 1
    names = {path.name.partition(".before-restore-")[0] for path in done.set_aside}
    assert {"portal.sqlite3", "experiments.yaml", "runs"} <= names
    [old] = [path for path in done.set_aside if path.name.startswith("portal.sqlite3")]
    rows = sqlite3.connect(old)
    assert rows.execute("SELECT count(*) FROM registry_app_experiment").fetchone() == (2,)
    rows.close()


def test_is_refused_while_a_worker_runs(standing: Standing, saved: Path, tmp_path: Path) -> None:
    other = standing.move_to(tmp_path / "other")
    with locks.hold(other / parent.LOCK), pytest.raises(BackupError, match="worker is running"):
        restore(saved)
    assert [path.name for path in other.iterdir() if not path.name.endswith(".lock")] == []


def test_a_step_that_fails_brings_back_what_was_there(
    standing: Standing, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_experiment("donghwa-entec-ppe")
    connection.close()
    before = tree(standing.home.path)
    place = restoring._move

    def fail_at_the_database(source: Path, target: Path) -> None:
        if target.name == "portal.sqlite3":
            raise OSError(5, "Input/output error")
        place(source, target)

    monkeypatch.setattr(restoring, "_move", fail_at_the_database)
    with pytest.raises(BackupError, match="Input/output error"):
        restore(saved, force=True)
    assert tree(standing.home.path) == before
    assert Experiment.objects.count() == 2


def rewritten(saved: Path, **changes: bytes | None) -> Path:
    """The backup with other contents under some names (dots for slashes), or without them."""
    made = saved.with_name("changed.tar")
    with tarfile.open(saved) as old, tarfile.open(made, "w") as new:
        for member in old:
            content = old.extractfile(member)
            data = content.read() if content else b""
            change = changes.get(member.name.partition(".")[0], data)
            if change is not None:
                member.size = len(change)
                new.addfile(member, io.BytesIO(change))
    return made


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"registry": b"experiments: []\n"}, id="other content"),
        pytest.param({"registry": None}, id="a file lacks"),
        pytest.param({"manifest": None}, id="the manifest lacks"),
        pytest.param({"manifest": b"{}"}, id="an empty manifest"),
        pytest.param({"manifest": b"[1]"}, id="a manifest of another form"),
        pytest.param({"manifest": b"no json"}, id="no manifest at all"),
    ],
)
def test_a_backup_that_was_changed_is_refused(
    standing: Standing, saved: Path, tmp_path: Path, changes: dict[str, bytes | None]
) -> None:
    other = standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match="backup"):
        restore(rewritten(saved, **changes))
    assert tree(other) == {}


@pytest.mark.parametrize("length", [0, 10, 200, -100])
def test_a_backup_that_was_cut_short_is_refused(
    standing: Standing, saved: Path, tmp_path: Path, length: int
) -> None:
    saved.write_bytes(saved.read_bytes()[:length])
    other = standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match="not a complete backup"):
        restore(saved)
    assert tree(other) == {}


def hostile(name: str, **facts: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for key, value in facts.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (hostile("../../outside"), "in no known place"),
        (hostile("runs/../../outside"), "in no known place"),
        (hostile("/tmp/outside"), "in no known place"),
        (hostile("runs/./outside"), "in no known place"),
        (hostile("runs//outside"), "in no known place"),
        (hostile("secret_key"), "in no known place"),
        (hostile("logs/outside"), "in no known place"),
        (hostile("logs", type=tarfile.DIRTYPE), "in no known place"),
        (hostile("runs/link", type=tarfile.SYMTYPE, linkname="/etc"), "is a link"),
        (hostile("runs/link", type=tarfile.SYMTYPE, linkname="inside"), "is a link"),
        (hostile("runs/hard", type=tarfile.LNKTYPE, linkname="registry.yaml"), "is a link"),
        (hostile("runs/pipe", type=tarfile.FIFOTYPE), "is a link"),
        (hostile("runs/disk", type=tarfile.BLKTYPE), "is a link"),
        (hostile("runs/tool", mode=0o4755), "has a set-user-ID"),
        (hostile("runs/tool", mode=0o2755), "has a set-user-ID"),
        (hostile("runs/folder", mode=0o1777, type=tarfile.DIRTYPE), "has a set-user-ID"),
        (hostile("runs/terminal", type=tarfile.CHRTYPE), "is a link"),
        (hostile("registry.yaml"), "File exists"),
        (hostile("manifest.json"), "File exists"),
    ],
    ids=lambda given: f"{given.name} {given.type.decode()}" if hasattr(given, "type") else "",
)
def test_what_would_land_elsewhere_or_is_a_link_is_refused(
    standing: Standing, saved: Path, tmp_path: Path, member: tarfile.TarInfo, reason: str
) -> None:
    made = rewritten(saved)
    with tarfile.open(made, "a") as tar:
        tar.addfile(member)
    other = standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match=f"{reason}.*Nothing was changed"):
        restore(made)
    assert tree(other) == {}
    assert not list(tmp_path.rglob("outside"))


def test_a_file_that_the_manifest_does_not_list_is_refused(
    standing: Standing, saved: Path, tmp_path: Path
) -> None:
    made = rewritten(saved)
    with tarfile.open(made, "a") as tar:
        tar.addfile(hostile("runs/planted"))
    standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match="runs/planted"):
        restore(made)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((b'"0001_initial"', b'"0099_later"'), "newer version"),
        ((b'"database": "sqlite"', b'"database": "postgresql"'), "DATABASE_URL"),
        ((b'"format": 1', b'"format": 3'), "this version"),
        ((b'"migrations": [', b'"migrations": [3, '), "no pairs"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(
    standing: Standing, saved: Path, tmp_path: Path, change: tuple[bytes, bytes], says: str
) -> None:
    with tarfile.open(saved) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        manifest = content.read()
    assert change[0] in manifest
    other = standing.move_to(tmp_path / "other")
    with pytest.raises(BackupError, match=says):
        restore(rewritten(saved, manifest=manifest.replace(*change)))
    assert tree(other) == {}


def test_the_command_asks_before_it_renames(
    standing: Standing, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_experiment("donghwa-entec-ppe")
    for answer in ("", "n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n" if answer else ""))
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("restore", str(saved), "--force")
    assert Experiment.objects.count() == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    call_command("restore", str(saved), "--force")
    assert Experiment.objects.count() == 1


@pytest.mark.proof
@pytest.mark.processes
@pytest.mark.mlflow
@pytest.mark.filterwarnings("ignore")  # of MLflow's own code, which makes a new store here
def test_a_real_run_and_its_mlflow_store_move_to_another_home(
    standing: Standing,
    portal: Portal,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.client()
    run = run_to_end(standing.home.experiment())
    assert outbox.send(run.pk)
    run.refresh_from_db()
    before = tree(run.folder)
    backup(tmp_path / "b.tar.gz")
    store.client.cache_clear()
    os.rename(standing.home.path, tmp_path / "away")

    other = standing.move_to(tmp_path / "다른 집")
    monkeypatch.setenv("GUARDIANFLOW_HOME", str(other))
    for name in ("DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name)
    done = portal.run("restore", str(tmp_path / "b.tar.gz"))
    assert done.returncode == 0, done.stderr.decode()

    again = Run.objects.get(pk=run.pk)
    assert tree(again.folder) == before
    logs = portal.run("run_logs", str(run.pk))
    assert logs.stdout.decode().splitlines() == ["epoch 1", "epoch 2", "epoch 3"]
    stored = store.client().get_run(run.mlflow_run_id)
    assert stored.info.artifact_uri.startswith((other / "mlflow" / "artifacts").as_uri())
    path = store.client().download_artifacts(run.mlflow_run_id, "logs/stdout.log")
    assert Path(path).read_text() == "epoch 1\nepoch 2\nepoch 3\n"


@pytest.mark.processes
def test_a_run_that_started_while_the_backup_was_made_is_not_started_again(
    standing: Standing, tmp_path: Path
) -> None:
    """The database was copied before it started, its folder after it had ended."""
    run = queue(standing.home.experiment())
    original = folder_of(run)

    def run_to_its_end(name: str, _size_bytes: int) -> None:
        if name == fmt.SQLITE:
            assert start(run)
            wait_until(lambda: original.exit_record() is not None, what="the script ends")

    backup(tmp_path / "b.tar.gz", progress=run_to_its_end)
    with keeping_directory(original):  # ends what keeps the lock for the original
        before = tree(original.path)
    standing.move_to(tmp_path / "other")
    restore(tmp_path / "b.tar.gz")
    again = Run.objects.get()
    assert again.status == RunStatus.QUEUED
    assert not start(again)
    assert end(again).status == RunStatus.SUCCEEDED
    assert {file.path: file.uncertain for file in again.files.all()} == {
        "best.pt": False,
        "results.csv": False,
    }
    after = tree(again.folder)
    assert {name: after.get(name) for name in before} == before

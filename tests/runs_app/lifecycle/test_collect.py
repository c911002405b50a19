"""What a run made becomes copies, rows and metrics, as often as it is asked for."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from registry_app.files import mounts
from runs_app.choices import RunStatus
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.lifecycle.collect import collect
from runs_app.models import Run
from runs_app.records import files
from runs_app.records.capture import capture
from runs_app.records.metrics import read_metrics
from runs_app.runner.folder_records import Spec
from runs_app.runner.outputs.snapshot import Manifest, take
from runs_app.texts import remarks
from tests.factories import make_run
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = pytest.mark.django_db

TABLE = "epoch,metrics/mAP50(B)\n1,0.5\n2,0.75\n"


@pytest.fixture
def run(home: Home) -> Run:
    """A run whose script is about to write into its directory."""
    run = make_run(home.experiment(), RunStatus.FAILED)
    folder = folder_of(run)
    folder.path.mkdir(parents=True)
    folder.stdout.write_bytes(b"")
    (folder.path / "supervisor.lock").touch()
    take(Path(run.cwd)).save(folder.manifest_before)
    return run


def write(run: Run, path: str, data: str = "1") -> None:
    file = Path(run.cwd) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data, encoding="utf-8")


def test_new_and_changed_files_become_copies_and_rows(run: Run) -> None:
    write(run, "runs/exp/best.pt", "weights")
    write(run, "train.py", "changed")
    collect(run)
    row = run.files.get(path="runs/exp/best.pt")
    assert (row.change, row.size_bytes, row.left_out) == ("created", 7, None)
    assert row.artifact == "outputs/runs/exp/best.pt"
    assert (run.folder / row.kept).read_bytes() == b"weights"
    source = run.files.get(path="train.py")
    assert (source.change, source.kept) == ("changed", "outputs/train.py")


def test_what_a_run_only_linked_to_is_no_output_of_it(run: Run, home: Home) -> None:
    data = home.roots / "data"
    data.mkdir()
    for name in ("a.csv", "b.csv"):
        (data / name).write_text(TABLE)
    (Path(run.cwd) / "a.csv").symlink_to(data / "a.csv")
    (Path(run.cwd) / "data").symlink_to(data)
    run.started_at = timezone.now() + timedelta(minutes=1)
    collect(run)
    assert not run.files.exists()
    run.started_at -= timedelta(hours=1)
    collect(run)
    assert set(run.files.values_list("path", flat=True)) == {"a.csv", "data/a.csv", "data/b.csv"}


def test_failed_run_keeps_its_metrics_as_well(run: Run) -> None:
    write(run, "results.csv", TABLE)
    collect(run)
    points = list(read_metrics(folder_of(run)))
    assert [(point.key, point.step, point.value) for point in points] == [
        ("metrics/mAP50(B)", 1, 0.5),
        ("metrics/mAP50(B)", 2, 0.75),
    ]


def test_second_call_says_the_same_although_another_run_went_on(run: Run) -> None:
    write(run, "results.csv", TABLE)
    collect(run)
    first = list(run.files.values_list("path", "change", "size_bytes", "sha256", "kept"))
    metrics = folder_of(run).metrics.read_bytes()
    write(run, "results.csv", "epoch,other\n9,9\n")
    write(run, "later.csv")
    collect(run)
    assert list(run.files.values_list("path", "change", "size_bytes", "sha256", "kept")) == first
    assert folder_of(run).metrics.read_bytes() == metrics


@pytest.mark.parametrize("name", [b"\xb0\xe1\xb0\xfa.csv", b"line\nbreak.csv", "결과.csv".encode()])
def test_names_of_any_bytes_have_a_row_and_a_copy_that_opens(run: Run, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(run.cwd) + b"/" + name)).write_text(TABLE, encoding="utf-8")
    collect(run)
    row = run.files.get()
    assert (run.folder / row.kept).read_text(encoding="utf-8") == TABLE
    assert len(list(read_metrics(folder_of(run)))) == 2


def test_path_that_no_column_holds_is_reported_shortened(run: Run) -> None:
    path = "/".join(["d" * 200] * 6) + "/best.pt"
    write(run, path)
    collect(run)
    row = run.files.get()
    assert len(row.path) == 1000
    assert row.path.endswith("/best.pt")
    assert (row.kept, str(row.left_out)) == ("", "its path is too long for the run folder")


def test_what_is_over_the_limit_is_reported_and_not_copied(run: Run, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB = 1
    write(run, "small.csv")
    write(run, "huge.pt", "x" * 2**21)
    collect(run)
    assert run.files.get(path="small.csv").kept
    huge = run.files.get(path="huge.pt")
    assert (huge.kept, huge.size_bytes) == ("", 2**21)
    assert "up to 1 MiB" in str(huge.left_out)


def test_kinds_of_files_are_a_setting(run: Run, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_PATTERNS = ["*.own"]
    write(run, "a.own")
    write(run, "a.csv")
    collect(run)
    assert [row.path for row in run.files.exclude(kept="")] == ["a.own"]
    assert str(run.files.get(path="a.csv").left_out) == (
        "not one of the kinds of files that are saved"
    )


def test_junk_is_a_setting(run: Run, settings: Settings) -> None:
    settings.GUARDIANFLOW_OUTPUT_JUNK = ["*.odd"]
    write(run, "a.odd")
    write(run, "a.unheard-of")
    collect(run)
    assert [row.path for row in run.files.exclude(kept="")] == ["a.unheard-of"]
    assert str(run.files.get(path="a.odd").left_out) == (
        "caches, environments and leftovers are not saved"
    )


def test_run_that_prepares_data_keeps_tables_settings_and_logs(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(type="data")
    run.refresh_from_db()
    for path in ("split.csv", "data.yaml", "convert.log", "images/1.jpg", "cache.npz"):
        write(run, path)
    collect(run)
    kept = {row.path for row in run.files.exclude(kept="")}
    assert kept == {"split.csv", "data.yaml", "convert.log"}
    assert "prepares data" in str(run.files.get(path="cache.npz").left_out)


def test_folder_of_thousands_of_new_images_is_one_row(run: Run) -> None:
    for number in range(2500):
        write(run, f"crops/{number % 7}/{number}.jpg", "12")
    write(run, "crops/results.csv", TABLE)
    write(run, "best.pt")
    collect(run)
    rows = {row.path: row for row in run.files.all()}
    assert set(rows) == {"crops/", "crops/results.csv", "best.pt"}
    line = rows["crops/"]
    assert (line.members, line.size_bytes, line.kept, line.artifact) == (2500, 5000, "", "")
    assert "2500 here" in str(line.left_out)
    assert len(list(files.read(run.folder))) == 3
    assert len(list(read_metrics(folder_of(run)))) == 2


def test_run_that_never_began_has_no_files(run: Run) -> None:
    folder_of(run).manifest_before.unlink()
    write(run, "results.csv", TABLE)
    collect(run)
    assert not run.files.exists()
    assert list(read_metrics(folder_of(run))) == []


def test_run_folder_before_its_end_has_no_metrics(run: Run) -> None:
    assert list(read_metrics(folder_of(run))) == []


@pytest.mark.parametrize("text", ["", "not json\n", "[]\n", '{"pruned": []}\n[1\n'])
def test_a_run_says_that_its_first_manifest_cannot_be_read(run: Run, text: str) -> None:
    folder_of(run).manifest_before.write_text(text, encoding="ascii")
    collect(run)
    run.refresh_from_db()
    assert list(run.notices) == [remarks.FILES_UNKNOWN.code]
    assert not run.files.exists()


def test_a_second_manifest_that_cannot_be_read_is_made_again(run: Run) -> None:
    """Else a script could hide what it did by writing one of its own that is none."""
    folder_of(run).manifest_after.write_text("{}")
    write(run, "best.pt", "weights")
    collect(run)
    assert run.files.get(path="best.pt").kept


def test_directory_that_is_gone_leaves_no_files(run: Run) -> None:
    Path(run.cwd).rename(f"{run.cwd}-moved")
    collect(run)
    assert not run.files.exists()


@pytest.mark.processes
def test_nothing_is_taken_from_a_directory_that_got_the_place_of_its_own(home: Home) -> None:
    script = """\
import os
own = os.getcwd()
open("best.pt", "w").write("weights")
os.rename(own, own + "-moved")
os.mkdir(own)
open(own + "/theirs.pt", "w").write("of another")
"""
    run = run_to_end(home.experiment(script=script))
    assert (run.status, run.source_changed) == (RunStatus.SUCCEEDED, None)
    assert remarks.DIRECTORY_GONE.code in run.notices
    assert not run.files.exists()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("fuse.sshfs", {"best.pt": "outputs/best.pt", "last.pt": "outputs/last.pt"}), ("ext4", {})],
)
def test_inodes_tell_directories_apart_only_where_they_last(
    run: Run, monkeypatch: pytest.MonkeyPatch, kind: str, kept: dict[str, str]
) -> None:
    """A share that is mounted again may number all its files anew."""
    write(run, "last.pt", "of before")
    device = os.stat(run.cwd).st_dev
    monkeypatch.setattr(mounts, "file_systems", lambda: {device: kind})
    seen = take(Path(run.cwd)).files
    numbered = {path: replace(file, inode=1) for path, file in seen.items()}
    Manifest(files=numbered).save(folder_of(run).manifest_before)
    note_start(run, directory_id=f"{device}:1")
    write(run, "last.pt", "weights of the run")
    write(run, "best.pt", "weights")
    end_locked(run)
    collect(run)
    assert {row.path: row.kept for row in run.files.all()} == kept
    run.refresh_from_db()
    assert (remarks.DIRECTORY_GONE.code in run.notices) is not bool(kept)


def note_start(run: Run, **facts: object) -> None:
    """Write the start record of the run's supervisor."""
    record = {"token": "a", "pid": 1, "start_ticks": 1, "script_pid": 1, "boot_id": "today"}
    record |= {"format": 1, "started_at": 1.0, **facts}
    (run.folder / "started.json").write_text(json.dumps(record), encoding="utf-8")


def test_hundreds_of_small_files_are_one_row_and_a_list(run: Run) -> None:
    for number in range(300):
        write(run, f"labels/{number}.txt", str(number))
    write(run, "results.csv", TABLE)
    collect(run)
    rows = {row.path: row for row in run.files.all()}
    assert set(rows) == {"results.csv", "small-files.tar"}
    archive = rows["small-files.tar"]
    assert (archive.members, archive.kept, archive.artifact) == (
        300,
        "small-files.tar",
        "small-files.tar",
    )
    assert archive.size_bytes == (run.folder / "small-files.tar").stat().st_size
    assert len(list(files.read(run.folder))) == 301


def test_files_that_are_not_kept_do_not_bury_the_others(run: Run) -> None:
    for number in range(600):
        write(run, f"cache/{number}.tmp")
    write(run, "results.csv", TABLE)
    collect(run)
    assert run.files.filter(kept="").count() == 500
    assert run.files.filter(path="results.csv").exists()
    assert len(list(files.read(run.folder))) == 601


def test_a_run_that_leaves_its_source_alone_is_reported(run: Run) -> None:
    write(run, "results.csv", TABLE)
    write(run, "generated.py", "new = 1")
    collect(run)
    run.refresh_from_db()
    assert run.source_changed == []


def test_source_that_changed_or_went_is_named(run: Run) -> None:
    capture(run)
    write(run, "train.py", "print('another')")
    collect(run)
    run.refresh_from_db()
    assert run.source_changed == ["train.py"]
    [warning] = notices.warnings_of(run)
    assert warning.endswith("by the script or by another program: train.py")


def test_source_that_was_written_again_with_the_same_bytes_is_untouched(run: Run) -> None:
    capture(run)
    script = Path(run.cwd) / "train.py"
    data = script.read_bytes()
    script.unlink()
    script.write_bytes(data)
    collect(run)
    run.refresh_from_db()
    assert run.source_changed == []


def test_a_deleted_file_is_reported(run: Run) -> None:
    (Path(run.cwd) / "train.py").unlink()
    collect(run)
    row = run.files.get(path="train.py")
    assert (row.change, row.kept, row.left_out) == ("deleted", "", None)
    run.refresh_from_db()
    assert run.source_changed == ["train.py"]


def test_the_source_is_unknown_of_a_directory_that_is_gone(run: Run) -> None:
    Path(run.cwd).rename(f"{run.cwd}-moved")
    collect(run)
    run.refresh_from_db()
    assert run.source_changed is None
    assert notices.warnings_of(run)[-1].startswith("Its directory was gone when it ended")


@pytest.mark.parametrize(
    ("other", "is_uncertain"),
    [
        ({"started_at": -60, "finished_at": 60}, True),
        ({"started_at": -60, "finished_at": None}, True),
        ({"started_at": -60, "finished_at": -30}, False),
        ({"started_at": 60, "finished_at": 120}, False),
        # It began before the clock was put back by an hour.
        ({"started_at": 3000, "finished_at": None}, True),
        ({"started_at": 3000, "finished_at": 4000}, True),
    ],
)
def test_files_of_the_time_of_another_run_are_uncertain(
    run: Run, other: dict[str, int | None], is_uncertain: bool
) -> None:
    now = timezone.now()
    times = {
        name: None if seconds is None else now + timedelta(seconds=seconds)
        for name, seconds in other.items()
    }
    status = RunStatus.RUNNING if times["finished_at"] is None else RunStatus.FAILED
    make_run(run.experiment, status, overlap=True, **times)
    write(run, "results.csv", TABLE)
    Run.objects.filter(pk=run.pk).update(
        started_at=now - timedelta(seconds=40), finished_at=now + timedelta(seconds=90)
    )
    run.refresh_from_db()
    collect(run)
    assert run.files.get(path="results.csv").uncertain is is_uncertain


def test_a_run_that_had_the_directory_for_itself_is_certain(run: Run) -> None:
    write(run, "results.csv", TABLE)
    collect(run)
    assert not run.files.get(path="results.csv").uncertain


def test_outputs_that_cannot_be_read_are_named_and_keep_no_run_from_its_end(run: Run) -> None:
    write(run, "metrics.json", '{"mAP": 0.5,')
    write(run, "results.csv", "epoch,mAP\n1,0.5\n\0\0")
    for name in "abcdef":
        write(run, f"{name}.png", "cut off")
    collect(run)
    collect(run)
    run.refresh_from_db()
    assert set(notices.warnings_of(run)) == {
        "Files that are not valid JSON: metrics.json:1",
        "Corrupt or truncated images: a.png, b.png, c.png, d.png, e.png, …",
        "Tables that cannot be read to their end: results.csv:3",
    }
    assert run.files.filter(kept="").count() == 0


def test_outputs_that_are_not_readable_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_names: object, **_options: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    write(run, "best.pt")
    monkeypatch.setattr("runs_app.runner.outputs.copying._open_inside", refused)
    collect(run)
    run.refresh_from_db()
    [reported] = notices.warnings_of(run)
    assert (
        reported
        == "Files that could not be read, and so were not saved: best.pt (Permission denied)"
    )


def test_a_run_whose_script_never_started_has_no_files_of_others(run: Run) -> None:
    """Beside it another run with `overlap` writes into the directory."""
    record_end(run, why="launch_failed", exit_code=127, started_at=None)
    write(run, "train.log", "epoch 9 of another run\n")
    collect(run)
    assert not run.files.exists()
    run.refresh_from_db()
    assert (run.source_changed, run.notices) == ([], {})


def test_a_lock_counts_although_the_disk_was_full_for_the_start_record(run: Run) -> None:
    """What changed after the end, when no process kept the lock any more, is no result."""
    end_locked(run)
    os.utime(run.folder / "exit.json", (1, 1))
    write(run, "results.csv", TABLE)
    collect(run)
    row = run.files.get()
    assert (row.kept, row.uncertain) == ("", True)


def test_a_change_in_the_seconds_after_the_end_is_uncertain(run: Run) -> None:
    """A file server's clock may be off by as much, so it is no reason to leave a result out."""
    end_locked(run)
    write(run, "results.csv", TABLE)
    changed_ns = (Path(run.cwd) / "results.csv").stat().st_ctime_ns
    os.utime(run.folder / "exit.json", ns=(changed_ns - 10**9, changed_ns - 10**9))
    collect(run)
    row = run.files.get()
    assert (row.kept, row.uncertain) == ("outputs/results.csv", True)


def test_a_lost_run_that_is_collected_again_keeps_its_doubts(run: Run) -> None:
    """Its end is not known: it was closed some time after that."""
    later = timezone.now() + timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.LOST,
        outcome=RunStatus.LOST,
        exit_code=None,
        finished_at=later,
        collect_next_at=later,
    )
    run.refresh_from_db()
    os.utime(run.folder / "supervisor.lock", (1000, 1000))
    own = f"mlruns/0/{'a' * 32}/meta.yaml"
    write(run, own, f"run_id: {'a' * 32}\n")
    write(run, "best.pt", "weights")
    collect(run)
    rows = {row.path: (row.kept, row.uncertain) for row in run.files.all()}
    assert rows == {"best.pt": ("outputs/best.pt", True), own: (f"outputs/{own}", True)}
    assert not folder_of(run).own_stores.exists()


def end_locked(run: Run) -> None:
    """Leave what a supervisor leaves that had locked the directory, without a keeper."""
    folder_of(run).create(
        Spec(
            run=str(run.uuid),
            token="a",
            argv=("python",),
            cwd=run.cwd,
            directory=run.cwd,
            directory_lock="exclusive",
        )
    )
    record_end(run, why="exited", exit_code=0, started_at=1.0)


def record_end(run: Run, **facts: object) -> None:
    """Write the exit record of the run's supervisor."""
    record = {"format": 1, "finished_at": 2.0, **facts}
    (run.folder / "exit.json").write_text(json.dumps(record), encoding="utf-8")

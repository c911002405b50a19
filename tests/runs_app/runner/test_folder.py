"""A run folder can be read later by any process, even if something in it is wrong."""

from __future__ import annotations

import fcntl
import json
import stat
from pathlib import Path

import pytest

from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import Observation, RunFolder, boot_id
from runs_app.runner.folder_records import Spec

SPEC = Spec(run="r1", token="t1", argv=("python", "학습.py"), cwd="/exp", timeout_s=60)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run")
    made.create(SPEC)
    return made


def test_a_spec_is_read_as_it_was_written_and_only_its_owner_may(folder: RunFolder) -> None:
    folder.create(SPEC)  # a second time does no harm
    assert folder.spec() == SPEC
    assert stat.S_IMODE(folder.spec_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_new_folder_is_unclaimed(folder: RunFolder) -> None:
    assert folder.observe(boot_id=boot_id()) is Observation.UNCLAIMED
    assert (folder.started(), folder.exit_record(), folder.heartbeat_at()) == (None, None, None)


def test_a_folder_of_another_start_of_the_machine_is_distinguished_from_a_dead_one(
    folder: RunFolder,
) -> None:
    claim = {"format": 1, "pid": 1, "start_ticks": 1, "boot_id": "yesterday"}
    (folder.path / "claimed").write_text(json.dumps(claim))
    assert folder.observe(boot_id="today") is Observation.REBOOTED
    assert folder.observe(boot_id="yesterday") is Observation.DEAD


def test_a_claim_that_a_full_disk_left_empty_is_a_claim(folder: RunFolder) -> None:
    (folder.path / "claimed").touch()
    assert folder.observe(boot_id=boot_id()) is Observation.DEAD


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "another version"),
        ('{"format": 2, "run": "r1"}', "upgrade"),
        ('{"format": 1, "run": "r1"}', "lacks something"),
        ('{"format": 1, "run": 1, "token": "t", "argv": [], "cwd": ""}', "wrong kind"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_spec_that_cannot_be_right_is_refused(folder: RunFolder, text: str, says: str) -> None:
    folder.spec_path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FolderError, match=says):
        folder.spec()


RECORD = {"format": 1, "why": "exited", "exit_code": 0, "finished_at": 5.0}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{",
        "[]",
        "[" * 100_000,
        '{"format": 2, "why": "exited"}',
        *(
            json.dumps(RECORD | {key: value})
            for key, value in (
                ("exit_code", "0"),
                ("exit_code", True),
                ("exit_code", -1),
                ("exit_code", 256),
                ("finished_at", float("nan")),
                ("finished_at", 1e300),
                ("started_at", -1),
                ("stragglers", 2**70),
                ("signal", 300),
            )
        ),
    ],
)
def test_an_exit_record_that_no_supervisor_writes_is_none(folder: RunFolder, text: str) -> None:
    (folder.path / "claimed").touch()
    (folder.path / "exit.json").write_text(text)
    assert folder.exit_record() is None
    assert folder.has_bad_exit_record()
    assert folder.observe(boot_id=boot_id()) is Observation.DEAD


def test_an_exit_record_counts_once_its_supervisor_has_let_go(folder: RunFolder) -> None:
    (folder.path / "exit.json").write_text(json.dumps(RECORD))
    with (folder.path / "supervisor.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert folder.exit_record() is None
        assert folder.observe(boot_id=boot_id()) is Observation.ALIVE
    assert folder.exit_record() is not None
    assert folder.observe(boot_id=boot_id()) is Observation.ENDED


def test_keys_of_a_later_supervisor_are_passed_over(folder: RunFolder) -> None:
    record = {"format": 1, "why": "exited", "exit_code": 0, "finished_at": 5.0, "mood": "good"}
    (folder.path / "exit.json").write_text(json.dumps(record))
    found = folder.exit_record()
    assert found is not None
    assert (found.exit_code, found.finished_at) == (0, 5.0)
    assert folder.observe(boot_id=boot_id()) is Observation.ENDED


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="cannot be written"):
        RunFolder(tmp_path / "file/run").create(SPEC)


def test_a_store_of_an_older_portal_is_found_where_it_was(tmp_path: Path) -> None:
    older, newer = RunFolder(tmp_path / "older"), RunFolder(tmp_path / "newer")
    (older.path / "mlruns").mkdir(parents=True)
    newer.scratch.mkdir(parents=True)
    assert older.written_store() == older.path / "mlruns"
    assert newer.written_store() == newer.child_store

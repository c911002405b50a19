"""An entry point that runs a trainer of the core repository, in the experiment's directory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from registry_app.fields.confirmation import command_of, digest_of, experiments_to_read
from registry_app.files.core_scripts import copy_folder
from registry_app.models import CoreTrainer, EntryPoint, Experiment
from registry_app.sync.run import sync
from runs_app.choices import RunStatus
from runs_app.exceptions import MissingModulesError, ScriptRefusedError, UnconfirmedError
from runs_app.executors import script_user
from runs_app.executors.base import folder_of
from runs_app.preflight.script_choices import script_choices
from runs_app.records import launch, results
from runs_app.runner.folder_records import Spec
from runs_app.runner.other_user import OtherUser
from runs_app.trainers import record
from tests.factories import change_entry_points
from tests.registry_app.sync.git.remote import Remote, git, make_remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, run_to_end, start
from tests.runs_app.trainers.test_gf_base import BASE

pytestmark = pytest.mark.django_db

NAME = "sampyo-gimhae-bct"
SCRIPT = f"core:trainers/{NAME}/trainer.py"
TRAINER = """\
import dataclasses, os, sys
from gf_base import BaseTrainer

class BctTrainer(BaseTrainer):
    experiment = "sampyo-gimhae-bct"

    @dataclasses.dataclass
    class Config:
        epochs: int = 2

    def train(self):
        print(os.getcwd())
        for epoch in range(self.config.epochs):
            self.log_metric("loss", 1 / (epoch + 1), epoch)

if __name__ == "__main__":
    raise SystemExit(BctTrainer.main())
"""


@pytest.fixture
def remote(home: Home, settings: Settings, tmp_path: Path) -> Remote:
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit("experiments: {}\n")
    put(made, TRAINER)
    return made


def put(remote: Remote, text: str) -> None:
    """Commit and push a trainer with its base, and nothing else."""
    folder = remote.clone / "trainers" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trainer.py").write_text(text)
    shutil.copy(BASE, folder / "gf_base.py")
    remote.commit_all("Change the trainer")
    if git(remote.path, "branch"):
        git(remote.clone, "pull", "--quiet", "--rebase", "origin", "main")
    remote.push()


def bct(home: Home) -> Experiment:
    experiment = home.experiment()
    sync()
    change_entry_points(experiment, default_script=SCRIPT)
    return experiment


def test_a_trainer_of_the_core_runs_in_the_directory_of_its_experiment(
    home: Home, remote: Remote
) -> None:
    experiment = bct(home)
    run = run_to_end(experiment, params={"epochs": 3})
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert run.script == SCRIPT
    assert run.argv[2:] == ["--epochs", "3"]
    assert (run.folder / "stdout.log").read_text().strip() == experiment.path
    assert {m.key: m.points for m in results.read(run.folder).metrics} == {"loss": 3}
    found, row = record.header(folder_of(run)), CoreTrainer.objects.get()
    assert found is not None
    assert found.sha256 == {"trainer": row.sha256, "gf_base": row.base_sha256}
    assert (row.experiment_name, row.class_name, row.kind) == (NAME, "BctTrainer", "native")
    assert sorted(os.listdir(experiment.path)) == ["train.py"]
    kept = launch.kept(run.folder)
    assert kept is not None
    assert kept.core == {"path": SCRIPT[5:], "digest": row.digest, "commit": row.commit}


def test_its_parameters_are_those_of_its_config(home: Home, remote: Remote) -> None:
    [choice, *_others] = script_choices(bct(home), "train")
    assert (choice.path, choice.is_default) == (SCRIPT, True)
    assert [(p.name, p.flag) for p in choice.parameters] == [("epochs", "--epochs")]


def test_a_changed_trainer_is_another_command(home: Home, remote: Remote) -> None:
    experiment = bct(home)
    entry = EntryPoint.objects.select_related("experiment").get()
    before = digest_of(command_of(entry))
    assert experiments_to_read() == set()
    put(remote, TRAINER.replace("epochs: int = 2", "epochs: int = 9"))
    sync()
    assert digest_of(command_of(entry)) != before
    assert experiments_to_read() == {experiment.pk}
    with pytest.raises(UnconfirmedError):
        queue(experiment)


def test_a_run_that_waited_starts_what_was_confirmed(home: Home, remote: Remote) -> None:
    experiment = bct(home)
    run = queue(experiment)
    put(remote, TRAINER.replace("epochs: int = 2", "epochs: int = 9"))
    sync()
    assert start(run)
    assert {m.points for m in results.read(end(run).folder).metrics} == {2}


def test_a_copy_that_was_changed_is_not_started(home: Home, remote: Remote) -> None:
    run = queue(bct(home))
    file = Path(run.argv[1])
    file.parent.chmod(0o755)
    file.chmod(0o644)
    file.write_text(TRAINER + "print('more')\n")
    assert not start(run)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, "refused")
    assert "no longer what was confirmed" in run.status_reason
    sync()
    assert run_to_end(run.experiment).status == RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("core:trainers/other/trainer.py", "has no trainer trainers/other/trainer.py"),
        ("core:registry/experiments.py", "is no trainer of the core repository"),
        ("core:trainers/../x/y.py", "is no trainer of the core repository"),
        ("core:trainers/x/.git/y.py", "is no trainer of the core repository"),
    ],
)
def test_what_is_not_there_is_refused(home: Home, remote: Remote, script: str, why: str) -> None:
    with pytest.raises(ScriptRefusedError, match=why):
        queue(bct(home), script=script)


def test_without_a_core_repository_it_is_refused(
    home: Home, remote: Remote, settings: Settings
) -> None:
    experiment = bct(home)
    settings.GUARDIANFLOW_CORE_URL = ""
    with pytest.raises(ScriptRefusedError, match="Set GUARDIANFLOW_CORE_URL"):
        queue(experiment)


def test_the_trainer_of_another_experiment_is_refused(home: Home, remote: Remote) -> None:
    put(remote, TRAINER.replace(NAME, "donghwa-entec-ppe"))
    with pytest.raises(ScriptRefusedError, match="trainer of donghwa-entec-ppe"):
        queue(bct(home))


def test_a_trainer_that_left_the_branch_has_no_row(home: Home, remote: Remote) -> None:
    bct(home)
    shutil.rmtree(remote.clone / "trainers")
    remote.commit_all("Remove the trainer")
    git(remote.clone, "pull", "--quiet", "--rebase", "origin", "main")
    remote.push()
    sync()
    assert not CoreTrainer.objects.exists()


def test_a_link_in_the_folder_is_left_out(home: Home, remote: Remote) -> None:
    folder = remote.clone / "trainers" / NAME
    (folder / "secret").symlink_to("/etc/passwd")
    put(remote, TRAINER)
    bct(home)
    [copy] = (home.path / "core-trainers").iterdir()
    assert sorted(path.name for path in copy.iterdir()) == ["gf_base.py", "trainer.py"]


def test_behind_the_fence_it_reads_its_copy_and_writes_its_record(
    home: Home, remote: Remote, fenced: None
) -> None:
    body = (
        "        try:\n"
        "            open(__file__.replace('trainer.py', 'new.py'), 'w')\n"
        "        except OSError as error:\n"
        "            print('refused', error.errno)\n"
    )
    put(remote, TRAINER.replace("        print(os.getcwd())\n", body))
    run = run_to_end(bct(home))
    assert run.status == RunStatus.SUCCEEDED, (run.folder / "stderr.log").read_text()
    assert "refused 13" in (run.folder / "stdout.log").read_text()
    assert {m.key for m in results.read(run.folder).metrics} == {"loss"}


def test_for_the_script_user_its_files_are_taken_along(
    home: Home, remote: Remote, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queue(bct(home))
    file = Path(run.argv[1])
    monkeypatch.setattr(script_user, "current", lambda: OtherUser(name="daemon", socket=""))
    monkeypatch.setattr(OtherUser, "scratch", lambda user, name: Path("/scratch") / name)
    monkeypatch.setattr(OtherUser, "uid", 1)
    monkeypatch.setattr(OtherUser, "listening", "")
    spec = Spec(run="r", token="t", argv=tuple(run.argv), cwd=run.cwd)
    spec, environment = script_user.started_as(spec, {})
    assert spec.inputs == (str(file), str(file.with_name("gf_base.py")))
    assert environment["GUARDIANFLOW_RECORD_DIR"] == "/scratch/r/trainer"


@pytest.mark.parametrize(
    ("named", "is_refused"), [("train.py", True), ("gone.py", False), ("../train.py", False)]
)
def test_the_modules_of_the_script_that_it_starts_are_looked_for(
    home: Home, remote: Remote, named: str, is_refused: bool
) -> None:
    put(remote, TRAINER.replace("\nclass", f"\nSCRIPT = {named!r}\nclass", 1))
    experiment = bct(home)
    (Path(experiment.path) / "train.py").write_text("import a_module_of_no_interpreter\n")
    if is_refused:
        with pytest.raises(MissingModulesError, match="a_module_of_no_interpreter"):
            queue(experiment)
    else:
        assert queue(experiment).script == SCRIPT


def test_weights_in_the_folder_are_neither_fetched_whole_nor_copied(
    home: Home, remote: Remote, settings: Settings
) -> None:
    git(remote.path, "config", "uploadpack.allowFilter", "true")
    settings.GUARDIANFLOW_CORE_URL = f"file://{remote.path}"
    (remote.clone / "trainers" / NAME / "best.pt").write_bytes(os.urandom(4 * 2**20))
    put(remote, TRAINER)
    sync()
    copy = copy_folder(CoreTrainer.objects.get().digest)
    assert {file.name for file in copy.iterdir()} == {"trainer.py", "gf_base.py"}
    own = home.path / "core.git"
    assert sum(file.stat().st_size for file in own.rglob("*") if file.is_file()) < 2 * 2**20

"""A pipeline or scenario that comes from git is read by an engineer before it is queued."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registry_app.choices import ConfirmedBy
from registry_app.models import EntryPoint, Experiment
from registry_app.reading import message_text
from registry_app.sync.run import sync
from runs_app.choices import RunStatus, SetState, StepState
from runs_app.exceptions import RefusedError
from runs_app.models import ConfirmedFile, Run, RunSet
from runs_app.sets import confirmed
from runs_app.sets.changing import resume
from runs_app.sets.confirmed import UnreadFileError
from runs_app.sets.definitions import read
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, SCENARIO, source_file
from runs_app.sets.tick import tick
from tests.factories import make_member
from tests.registry_app.sync.git.remote import Remote, make_remote
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, start
from tests.runs_app.trainers.test_core import SCRIPT, TRAINER, put

pytestmark = pytest.mark.django_db

EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
NIGHTLY = """\
experiment: sampyo-gimhae-bct
steps:
  - name: train
    type: train
    params: {epochs: 3}
  - name: again
    type: train
    params: {epochs: 4}
"""
OF_A_TRAINER = f"""\
experiment: sampyo-gimhae-bct
steps:
  - name: train
    type: train
  - name: again
    type: train
    script: {SCRIPT}
"""


@pytest.fixture
def bct(home: Home) -> Experiment:
    return home.experiment(parameters=[EPOCHS], template="--epochs {epochs}")


@pytest.fixture
def remote(settings: Settings, tmp_path: Path, bct: Experiment) -> Remote:
    """A core repository, synced once, to which a user without the right to run scripts writes."""
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit("experiments: {}\n")
    made.push()
    sync()
    push(made, PIPELINES, NIGHTLY)
    return made


def push(remote: Remote, folder: str, text: str) -> None:
    """Commit a file `nightly.yaml` to the remote, and let the portal sync."""
    remote.pull()
    file = remote.clone / folder / "nightly.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    remote.commit_all()
    remote.push()
    sync()


def rows() -> dict[str, str]:
    """Every row of runs, sets, confirmations and background jobs."""
    models = [*apps.get_app_config("runs_app").get_models()]
    models += [*apps.get_app_config("django_q").get_models()]
    return {
        model._meta.label: serializers.serialize("json", model._base_manager.all())
        for model in models
    }


def digest_in(text: str) -> str:
    return text.rpartition("--confirm ")[2].split()[0]


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command(*arguments, stdout=StringIO())
    assert refused.value.returncode == 2
    return str(refused.value)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_a_new_file_is_shown_and_refused_until_its_digest_is_confirmed(remote: Remote) -> None:
    before = rows()
    said = refusal("pipeline", "run", "nightly")
    assert rows() == before
    assert said.startswith("No engineer has confirmed pipelines/nightly.yaml yet.")
    assert "  + experiment: sampyo-gimhae-bct" in said
    assert "train.py --epochs 3" in said
    assert "train.py --epochs 4" in said
    digest = digest_in(said)
    assert digest == source_file(PIPELINES, "nightly").digest
    made = RunSet.objects.get(pk=run("pipeline", "run", "nightly", f"--confirm={digest}"))
    row = ConfirmedFile.objects.get()
    assert (row.path, row.digest, row.content) == ("pipelines/nightly.yaml", made.digest, NIGHTLY)
    assert (row.how, row.by) == (ConfirmedBy.COMMAND, None)


def test_what_was_confirmed_and_is_unchanged_needs_no_question(remote: Remote) -> None:
    digest = digest_in(refusal("pipeline", "run", "nightly"))
    run("pipeline", "run", "nightly", f"--confirm={digest}")
    run("pipeline", "run", "nightly")
    assert RunSet.objects.count() == 2
    assert ConfirmedFile.objects.count() == 1


def test_a_changed_file_shows_the_old_and_the_new_line_and_queues_nothing(remote: Remote) -> None:
    first = digest_in(refusal("pipeline", "run", "nightly"))
    run("pipeline", "run", "nightly", f"--confirm={first}")
    push(remote, PIPELINES, NIGHTLY.replace("epochs: 4", "epochs: 900"))
    before = rows()
    said = refusal("pipeline", "run", "nightly", f"--confirm={first}")
    assert rows() == before
    assert "pipelines/nightly.yaml was changed since it was confirmed on" in said
    assert "  -     params: {epochs: 4}\n  +     params: {epochs: 900}" in said
    assert "train.py --epochs 900" in said
    run("pipeline", "run", "nightly", f"--confirm={digest_in(said)}")
    # Only the last confirmed content counts: a return to an older one is a change too.
    push(remote, PIPELINES, NIGHTLY)
    assert "  +     params: {epochs: 4}" in refusal("pipeline", "run", "nightly")


def test_a_scenario_of_git_is_read_first_too(remote: Remote) -> None:
    push(remote, SCENARIO, "runs:\n  - {experiment: sampyo-gimhae-bct, type: train}\n")
    said = refusal("scenario", "run", "nightly")
    assert not Run.objects.exists()
    run("scenario", "run", "nightly", f"--confirm={digest_in(said)}")
    assert Run.objects.count() == 1


def test_a_refused_file_is_not_confirmed(remote: Remote) -> None:
    push(remote, PIPELINES, NIGHTLY.replace("epochs: 4", "epoch: 4"))
    digest = digest_in(refusal("pipeline", "run", "nightly"))
    before = rows()
    assert "are refused" in refusal("pipeline", "run", "nightly", f"--confirm={digest}")
    assert rows() == before


def test_a_changed_command_among_its_steps_is_read_with_the_file(remote: Remote) -> None:
    EntryPoint.objects.update(args_template="--epochs 1 {epochs}")
    said = refusal("pipeline", "run", "nightly")
    assert "The command of sampyo-gimhae-bct" in said
    file = digest_in(said)
    entry = digest_in(refusal("pipeline", "run", "nightly", f"--confirm={file}"))
    assert entry != file
    assert not Run.objects.exists()
    run("pipeline", "run", "nightly", f"--confirm={file}", f"--confirm={entry}")
    assert Run.objects.count() == 1


def test_an_unread_file_is_shown_without_starting_an_interpreter(
    remote: Remote, home: Home
) -> None:
    (home.roots / "sampyo-gimhae-bct" / "train.py").write_text("import no_such_module_at_all\n")
    err = StringIO()
    call_command("pipeline", "show", "nightly", stdout=(out := StringIO()), stderr=err)
    assert "No engineer has confirmed" in err.getvalue()
    assert "train.py --epochs 3" in out.getvalue()
    definition = read(source_file(PIPELINES, "nightly"), PIPELINES)
    confirmed.keep(confirmed.content_of(definition), user=None)
    # Now its interpreter is asked for the module.
    assert "no_such_module_at_all" in refusal("pipeline", "show", "nightly")


def test_signs_that_would_hide_a_line_are_written_out(remote: Remote) -> None:
    push(remote, PIPELINES, NIGHTLY + '    note: "\u202eneddih\u200b"\n')
    assert r"\u{202e}neddih\u{200b}" in refusal("pipeline", "run", "nightly")


def test_a_folder_named_in_the_shell_is_not_asked_about(remote: Remote, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "nightly.yaml").write_text(NIGHTLY)
    run("pipeline", "run", "nightly", f"--from={tmp_path / 'mine'}")
    assert Run.objects.count() == 1
    assert not ConfirmedFile.objects.exists()
    # That says nothing about the file of the core repository, equal as it is.
    assert "No engineer has confirmed" in refusal("pipeline", "run", "nightly")


def test_resuming_keeps_the_content_that_was_queued(remote: Remote) -> None:
    digest = digest_in(refusal("pipeline", "run", "nightly"))
    made = RunSet.objects.get(pk=run("pipeline", "run", "nightly", f"--confirm={digest}"))
    push(remote, PIPELINES, NIGHTLY.replace("epochs: 3", "epochs: 900"))
    made.steps.filter(number=1).update(state="failed")
    made.steps.filter(number=2).update(state="waiting")
    RunSet.objects.filter(pk=made.pk).update(state=SetState.FAILED, ended_at=made.made_at)
    made.refresh_from_db()
    again = resume(made, user=None)
    assert again.digest == digest
    assert Run.objects.order_by("-pk")[0].argv[-2:] == ["--epochs", "3"]


@pytest.mark.parametrize("group", ["PM", "Viewer"])
def test_who_may_not_run_scripts_confirms_and_queues_nothing(remote: Remote, group: str) -> None:
    definition = read(source_file(PIPELINES, "nightly"), PIPELINES)
    before = rows()
    with pytest.raises(RefusedError, match="is not allowed to run scripts"):
        start_file(
            definition,
            key=uuid4(),
            user=make_member(group, "jiwoo"),
            read=[definition.file.digest],
        )
    assert rows() == before


def test_an_engineer_confirms_in_person(remote: Remote) -> None:
    minsu = make_member("Engineer", "minsu")
    definition = read(source_file(PIPELINES, "nightly"), PIPELINES)
    with pytest.raises(UnreadFileError) as refused:
        start_file(definition, key=uuid4(), user=minsu)
    start_file(definition, key=uuid4(), user=minsu, read=refused.value.unread.digests)
    row = ConfirmedFile.objects.get()
    assert (row.how, row.by) == (ConfirmedBy.FORM, minsu)
    push(remote, PIPELINES, NIGHTLY + "# more\n")
    assert "was changed since minsu confirmed it" in refusal("pipeline", "run", "nightly")


def test_a_trainer_that_a_file_names_is_part_of_what_is_read(remote: Remote) -> None:
    remote.pull()
    put(remote, TRAINER)
    push(remote, PIPELINES, OF_A_TRAINER)
    said = refusal("pipeline", "run", "nightly")
    assert f"  + # {SCRIPT} → " in said
    made = RunSet.objects.get(pk=run("pipeline", "run", "nightly", f"--confirm={digest_in(said)}"))
    before = rows()
    remote.pull()
    put(remote, TRAINER.replace("epochs: int = 2", "epochs: int = 9"))
    sync()
    assert f"  - # {SCRIPT} → " in refusal("pipeline", "run", "nightly")
    assert rows() == before
    # Nor does the chain that is going on start what was not read.
    first = Run.objects.get()
    assert start(first)
    assert end(first).status == RunStatus.SUCCEEDED
    tick(made.pk)
    last = made.steps.get(number=2)
    assert last.state == StepState.REFUSED
    assert last.why is not None
    assert "was changed since the file that names it was read" in message_text(last.why)


@contextmanager
def terminal(typed: str) -> Iterator[None]:
    """Make standard input and error a real terminal, on which an answer was typed."""
    ours, theirs = os.openpty()
    os.write(ours, typed.encode())
    with (
        os.fdopen(ours, "rb"),
        os.fdopen(os.dup(theirs), "r", encoding="utf-8") as stdin,
        os.fdopen(theirs, "w", encoding="utf-8") as stderr,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", stdin)
        patch.setattr(sys, "stderr", stderr)
        yield


@pytest.mark.parametrize(("answer", "runs"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_on_a_terminal_it_is_asked(remote: Remote, answer: str, runs: int) -> None:
    err = StringIO()
    refused = pytest.raises(CommandError, match="--confirm") if not runs else nullcontext()
    with terminal(answer), refused:
        call_command("pipeline", "run", "nightly", stdout=StringIO(), stderr=err)
    assert "  + experiment: sampyo-gimhae-bct" in err.getvalue()
    assert "Queue this? [y/N]" in err.getvalue()
    assert (Run.objects.count(), ConfirmedFile.objects.count()) == (runs, runs)

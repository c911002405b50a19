"""A PM changes what a run executes; an engineer reads the change before it is run."""

from __future__ import annotations

import html
import importlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from registry_app.choices import ConfirmedBy
from registry_app.fields.confirmation import command_of, confirm, digest_of
from registry_app.models import Confirmation, EntryPoint, Experiment
from runs_app.choices import RunStatus
from runs_app.exceptions import NotPythonError, UnconfirmedError
from runs_app.generic_runner import GenericRunner
from runs_app.lifecycle import launch, submit
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, prepare
from runs_app.models import Run, RunSet
from runs_app.runner.isolation.fence import OFF
from runs_app.sets.tick import tick_all
from runs_app.texts import reasons
from tests.factories import change_entry_points, make_entry_point, make_member
from tests.registry_app.forms import save_page
from tests.runs_app.conftest import Home, Portal
from tests.runs_app.sets.chains import end_run
from tests.stories.browser import Form, Page

pytestmark = pytest.mark.django_db

NEW = "/admin/runs_app/run/new/"
EPOCHS: list[dict[str, object]] = [
    {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}
]

KEY: dict[str, object] = {"name": "db_password", "flag": "--db-password", "type": "str"}


@pytest.fixture
def bct(home: Home) -> Experiment:
    """An experiment whose training an engineer has confirmed."""
    return home.experiment(parameters=EPOCHS, template="--epochs {epochs}")


@pytest.fixture
def jiwoo() -> User:
    """A PM: curates, and may not run scripts."""
    return make_member("PM", "jiwoo")


@pytest.fixture
def minsu() -> User:
    return make_member("Engineer", "minsu")


@pytest.fixture
def browser(client: Client, minsu: User) -> Client:
    client.force_login(minsu)
    return client


def change(experiment: Experiment, by: User, **columns: str) -> None:
    entry = EntryPoint.objects.get(experiment=experiment, type="train")
    save_page(by, entry, columns)


def address(*experiments: Experiment) -> str:
    return f"{NEW}?type=train" + "".join(f"&experiment={item.pk}" for item in experiments)


def opened(browser: Client, where: str) -> Page:
    answer = browser.get(where)
    assert answer.status_code == 200
    return Page(status=200, url=where, text=answer.text, headers={})


def sent(form: Form, *, ticks: list[str] | None = None, **values: str) -> dict[str, Any]:
    """What pressing the button sends, with these changes ticked as read."""
    data: dict[str, Any] = {}
    for name, value in form.fields:
        data.setdefault(name, []).append(value)
    return data | {"queue": "1", "read": ticks or []} | values


def ticks_of(page: Page) -> list[str]:
    parts = page.text.split('name="read" value="')[1:]
    return [part.partition('"')[0] for part in parts]


def test_a_confirmed_command_is_queued_as_ever(browser: Client, bct: Experiment) -> None:
    page = opened(browser, address(bct))
    assert not ticks_of(page)
    assert browser.post(NEW, sent(page.form("token"))).status_code == 302
    assert Run.objects.get().argv[-1] == "train.py"


def test_a_changed_command_is_shown_word_by_word_and_queued_once_it_was_read(
    browser: Client, bct: Experiment, jiwoo: User, minsu: User
) -> None:
    change(bct, jiwoo, args_template="--epochs 99 --weights evil.pt")
    page = opened(browser, address(bct))
    assert "was changed since an engineer confirmed it" in page.words
    assert "Last change: jiwoo" in page.words
    assert "<del>{epochs}</del><ins>99 --weights evil.pt</ins>" in page.text
    [tick] = ticks_of(page)
    form = page.form("token")

    refused = browser.post(NEW, sent(form))
    assert refused.status_code == 422
    assert "Nothing was queued: read the changed commands" in html.unescape(refused.text)
    assert not Run.objects.exists()

    assert browser.post(NEW, sent(form, ticks=[tick])).status_code == 302
    assert Run.objects.get().argv[-4:] == ["--epochs", "99", "--weights", "evil.pt"]
    row = Confirmation.objects.get()
    assert (row.how, row.by) == (ConfirmedBy.FORM, minsu)
    assert not ticks_of(opened(browser, address(bct)))


def test_the_command_of_the_run_after_it_is_read_in_the_same_form(
    browser: Client, bct: Experiment, jiwoo: User, minsu: User
) -> None:
    (Path(bct.path) / "export.py").write_text("print('exported')")
    quant = make_entry_point(bct, "quant", "export.py")
    save_page(jiwoo, quant, {"args_template": "--format evil"})
    form = opened(browser, address(bct)).form("token")
    then = {f"{bct.pk}-then": "quant"}
    preview = browser.post(f"{NEW}preview/", sent(form) | then).json()
    assert preview["error"] == ""  # the button must not be disabled
    answer = browser.post(NEW, sent(form) | then)
    page = Page(status=422, url=NEW, text=answer.text, headers={})
    assert answer.status_code == 422
    assert "<ins>--format evil</ins>" in page.text
    assert not Run.objects.exists()
    [tick] = ticks_of(page)
    answer = browser.post(NEW, sent(page.form("token"), ticks=[tick]))
    chain = RunSet.objects.get()
    assert answer["Location"] == chain.get_absolute_url()
    second = chain.steps.get(name="quant")
    quant.refresh_from_db()
    assert second.spec["confirm"] == digest_of(command_of(quant))
    save_page(jiwoo, quant, {"args_template": "--format worse"})
    run = Run.objects.get()
    end_run(run, succeeded=True)
    tick_all()
    second.refresh_from_db()
    assert (second.state, second.run) == ("refused", None)


def test_a_tick_of_another_text_than_the_present_one_queues_nothing(
    browser: Client, bct: Experiment, jiwoo: User
) -> None:
    change(bct, jiwoo, args_template="--epochs 5")
    page = opened(browser, address(bct))
    change(bct, jiwoo, args_template="--epochs 5 --weights evil.pt")
    answer = browser.post(NEW, sent(page.form("token"), ticks=ticks_of(page)))
    assert answer.status_code == 422
    assert "was changed after this page was shown" in answer.text
    assert "evil.pt</ins>" in answer.text
    assert 'name="read" value="' in answer.text
    assert "checked" not in answer.text.split('name="read"')[1].partition(">")[0]
    assert not Run.objects.exists()


def test_a_change_between_the_page_and_the_button_queues_nothing(
    browser: Client, bct: Experiment, jiwoo: User
) -> None:
    page = opened(browser, address(bct))
    change(bct, jiwoo, args_template="--epochs 5")
    answer = browser.post(NEW, sent(page.form("token")))
    assert answer.status_code == 422
    assert not Run.objects.exists()


def test_so_does_one_by_a_user_who_may_run_scripts(browser: Client, bct: Experiment) -> None:
    page = opened(browser, address(bct))
    change_entry_points(bct, args_template="--epochs 5")
    answer = browser.post(NEW, sent(page.form("token")))
    assert answer.status_code == 422
    assert not Run.objects.exists()
    again = Page(status=422, url=NEW, text=answer.text, headers={})
    assert browser.post(NEW, sent(again.form("token"))).status_code == 302


def test_fifty_equal_changes_are_one_tick_and_others_one_each(
    browser: Client, home: Home, jiwoo: User
) -> None:
    equal = [home.experiment(f"busan-{number}") for number in range(3)]
    other, same = home.experiment("gimhae"), home.experiment("ulsan")
    for experiment in equal:
        change(experiment, jiwoo, args_template="--epochs 5")
    change(other, jiwoo, interpreter="portal")
    page = opened(browser, address(*equal, other, same))
    assert "The same change in 3 commands since an engineer confirmed them" in page.words
    assert "busan-0" in page.words.partition("I have read this change of 3 commands")[0]
    many, single = ticks_of(page)
    assert browser.post(NEW, sent(page.form("token"), ticks=[many])).status_code == 422
    assert not Run.objects.exists()
    assert browser.post(NEW, sent(page.form("token"), ticks=[many, single])).status_code == 302
    assert Run.objects.count() == 5


def test_a_command_that_was_never_confirmed_is_read_as_a_whole(
    browser: Client, bct: Experiment
) -> None:
    Confirmation.objects.all().delete()
    page = opened(browser, address(bct))
    assert "A command that no engineer has confirmed yet" in page.words
    assert "<ins>--epochs {epochs}</ins>" in page.text
    data = sent(page.form("token"), ticks=ticks_of(page))
    assert browser.post(NEW, data).status_code == 302


def test_signs_that_would_turn_the_text_around_are_written_out(
    browser: Client, bct: Experiment
) -> None:
    EntryPoint.objects.update(args_template="--epochs 5\u202e --safe\u200b")
    assert r"5\u{202e} --safe\u{200b}" in opened(browser, address(bct)).text


def test_a_secret_in_a_changed_command_is_shown_to_no_reader(
    browser: Client, bct: Experiment, jiwoo: User, minsu: User
) -> None:
    entry = EntryPoint.objects.get(experiment=bct, type="train")
    entry.args_template, entry.parameters = "--api-key sk-OLD", [KEY | {"default": "sk-ONE"}]
    entry.save()
    confirm(entry, how=ConfirmedBy.FORM, by=minsu)
    for template, default in (("--api-key sk-NEW", "sk-ONE"), ("--api-key sk-NEW", "sk-TWO")):
        change(
            bct, jiwoo, args_template=template, parameters=json.dumps([KEY | {"default": default}])
        )
        page = opened(browser, address(bct))
        assert ticks_of(page)
        assert "--api-key ***" in page.text
        assert "(a secret value was changed)" in page.text
        with pytest.raises(CommandError, match="was changed since") as refused:
            call_command("run_experiment", bct.name, "--type", "train", "--queue")
        assert "sk-" not in page.text + str(refused.value)


def test_running_again_compares_as_well(
    browser: Client, bct: Experiment, jiwoo: User, minsu: User
) -> None:
    first = submit.submit(RunRequest(experiment=bct, type="train"), user=minsu)
    change(bct, jiwoo, args_template="--epochs {epochs} --weights evil.pt")
    page = opened(browser, f"{NEW}?again={first.pk}")
    assert browser.post(NEW, sent(page.form("token"))).status_code == 422
    with pytest.raises(UnconfirmedError):
        submit.submit(submit.again(first), user=minsu)
    assert Run.objects.count() == 1


def test_a_mark_that_no_engineer_has_read_hides_no_word_of_the_command(
    browser: Client, bct: Experiment, jiwoo: User
) -> None:
    """Who may not run scripts could else put any word into a command that is read as ***."""
    payload = [{"name": "epochs", "flag": "--epochs", "secret": True, "default": "evil.pt"}]
    change(bct, jiwoo, parameters=json.dumps(payload))
    page = opened(browser, address(bct))
    assert "evil.pt" in page.text.partition("Exact command")[0]


@pytest.mark.parametrize("read", ["", "0" * 64])
def test_nothing_is_queued_without_the_digest_of_now(
    bct: Experiment, jiwoo: User, read: str
) -> None:
    change(bct, jiwoo, args_template="--epochs 5")
    with pytest.raises(UnconfirmedError, match=r"--confirm [0-9a-f]{64}") as refusal:
        submit.submit(RunRequest(experiment=bct, type="train", confirm=read), user=None)
    assert "[-{epochs}-]{+5+}" in str(refusal.value)
    assert not Run.objects.exists()
    request = RunRequest(experiment=bct, type="train", confirm=refusal.value.waiting.digest)
    assert submit.submit(request, user=None).argv[-2:] == ["--epochs", "5"]


def test_what_changes_between_the_check_and_the_queue_is_not_queued(
    bct: Experiment, jiwoo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages that are loaded while it is replaced would keep the replacement for all later tests.
    importlib.import_module("portal.urls")

    def and_meanwhile(request: RunRequest) -> PreparedRun:
        prepared = prepare(request)
        change(bct, jiwoo, args_template="--epochs 5")
        return prepared

    monkeypatch.setattr(submit, "prepare", and_meanwhile)
    with pytest.raises(UnconfirmedError):
        submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    assert not Run.objects.exists()


def test_a_type_without_an_entry_point_has_nothing_to_confirm(bct: Experiment) -> None:
    run = submit.submit(RunRequest(experiment=bct, type="infer", script="train.py"), user=None)
    assert run.status == RunStatus.QUEUED


# Interpreters


def fake(path: Path, started: Path, answer: str = "exit 3") -> str:
    """A program named like a Python that writes down that it was started, unless a fence is up."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n(echo "$@" >> {started}) 2> /dev/null\n{answer}\n')
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_that_was_not_read_is_started_by_no_page_and_no_preview(
    browser: Client, bct: Experiment, jiwoo: User, tmp_path: Path, settings: Settings
) -> None:
    settings.GUARDIANFLOW_FENCE = OFF
    started = tmp_path / "started"
    fake(Path(bct.path) / "bin" / "python", started)
    change(bct, jiwoo, interpreter="bin/python")
    page = opened(browser, address(bct))
    form = page.form("token")
    assert browser.get(f"/admin/registry_app/experiment/{bct.pk}/").status_code == 200
    browser.post(f"{NEW}preview/", sent(form))
    browser.post(NEW, sent(form) | {"preview": "1"})
    browser.post(NEW, sent(form))
    assert not started.exists()
    answer = browser.post(NEW, sent(form, ticks=ticks_of(page)))
    assert "does not respond as a Python" in answer.text
    assert started.exists()
    assert not Run.objects.exists()


@pytest.mark.parametrize("answer", ["exit 3", "echo hello", 'echo "$@"', "cat"])
def test_a_program_that_does_not_answer_as_a_python_is_refused(
    bct: Experiment, tmp_path: Path, answer: str
) -> None:
    program = fake(tmp_path / "python", tmp_path / "started", answer)
    change_entry_points(bct, interpreter=program)
    with pytest.raises(NotPythonError, match="--force"):
        submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    run = submit.submit(RunRequest(experiment=bct, type="train", force=True), user=None)
    assert any(warning[0] == "not_a_python" for warning in run.warnings)


def test_a_program_of_another_name_starts_by_force_alone(bct: Experiment, tmp_path: Path) -> None:
    wrapper = tmp_path / "run-in-container"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    change_entry_points(bct, interpreter=str(wrapper))
    with pytest.raises(NotPythonError):
        submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    run = submit.submit(RunRequest(experiment=bct, type="train", force=True), user=None)
    assert run.interpreter == str(wrapper)


def test_a_python_is_asked_again_once_it_is_another_program(
    bct: Experiment, tmp_path: Path
) -> None:
    Path(bct.path, "train.py").write_text("print('trained')\n")
    python = tmp_path / "python"
    fake(python, tmp_path / "started", f'exec {sys.executable} "$@"')
    change_entry_points(bct, interpreter=str(python))
    submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    fake(python, tmp_path / "started")
    with pytest.raises(NotPythonError):
        submit.submit(RunRequest(experiment=bct, type="train"), user=None)


@pytest.mark.parametrize("written", ["../other/python", "/tmp/../tmp/python"])
def test_an_interpreter_from_before_that_climbs_is_refused_at_the_start(
    bct: Experiment, written: str
) -> None:
    change_entry_points(bct, interpreter=written)
    with pytest.raises(Exception, match="climbs"):
        submit.submit(RunRequest(experiment=bct, type="train", force=True), user=None)


def test_portal_names_the_python_of_the_portal(bct: Experiment) -> None:
    environment = Path(bct.path) / ".venv" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to(sys.executable)
    change_entry_points(bct, interpreter="portal")
    run = submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    assert run.interpreter == sys.executable


# Between queue and start


def test_a_later_edit_leaves_a_queued_run_as_it_was_confirmed(
    bct: Experiment, jiwoo: User, settings: Any
) -> None:
    run = submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    change(bct, jiwoo, args_template="--epochs 99")
    launch._check(Run.objects.get(pk=run.pk))
    assert Run.objects.get(pk=run.pk).argv[-1] == "train.py"


@pytest.mark.parametrize("how", ["path", "link"])
def test_a_run_does_not_start_where_its_path_did_not_lead_when_it_was_queued(
    home: Home, bct: Experiment, settings: Any, how: str
) -> None:
    other = home.experiment("other")
    link = home.roots / "link"
    link.symlink_to(bct.path)
    Experiment.objects.filter(pk=bct.pk).update(path=str(link))
    bct.refresh_from_db()
    run = submit.submit(RunRequest(experiment=bct, type="train"), user=None)
    if how == "link":
        link.unlink()
        link.symlink_to(other.path)
    else:
        Experiment.objects.filter(pk=bct.pk).update(path=other.path)
    assert not launch.start(run.pk, host=settings.GUARDIANFLOW_HOST)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.ERRORED, reasons.REFUSED.code)
    assert str(other.path) in run.status_reason


# Terminals and programs


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_a_command_in_a_pipe_is_refused_with_the_change_and_the_digest(
    portal: Portal, home: Home
) -> None:
    bct = home.experiment(parameters=EPOCHS, template="--epochs {epochs}")
    EntryPoint.objects.update(args_template="--epochs 1")
    refused = portal.run("run_experiment", bct.name)
    output = refused.stderr.decode()
    assert refused.returncode == 2
    assert "[-{epochs}-]{+1+}" in output
    assert not Run.objects.exists()
    digest = output.split("--confirm ")[1].split()[0]
    assert portal.run("run_experiment", bct.name, "--confirm", digest).returncode == 0
    assert Run.objects.get().argv[-2:] == ["--epochs", "1"]
    assert Confirmation.objects.get().how == ConfirmedBy.COMMAND


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2), ("", 2)])
def test_a_terminal_shows_the_change_and_asks(
    home: Home, portal: Portal, answer: str, code: int
) -> None:
    bct = home.experiment(parameters=EPOCHS, template="--epochs {epochs}")
    EntryPoint.objects.update(args_template="--epochs 1")
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-m", "django", "run_experiment", bct.name, "--queue"]
    process = subprocess.Popen(argv, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    output = b""
    while b"[y/N]" not in output:
        output += os.read(ours, 4096)
    assert b"[-{epochs}-]{+1+}" in output
    os.write(ours, f"{answer}\n".encode())
    process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == code
    assert Run.objects.count() == (1 if code == 0 else 0)


def test_a_python_program_gives_the_digest_that_it_read(bct: Experiment, jiwoo: User) -> None:
    change(bct, jiwoo, args_template="--epochs 5")
    with pytest.raises(UnconfirmedError) as refusal:
        GenericRunner().run(bct.name)
    assert len(refusal.value.waiting.digest) == 64
    with pytest.raises(UnconfirmedError):
        GenericRunner().run(bct.name, confirm=str(uuid4()))


def test_another_entry_point_of_the_experiment_is_not_concerned(
    bct: Experiment, jiwoo: User
) -> None:
    make_entry_point(bct, "infer")
    change(bct, jiwoo, args_template="--epochs 5")
    assert submit.submit(RunRequest(experiment=bct, type="infer"), user=None)


def test_the_list_says_of_which_experiments_all_commands_are_read(
    home: Home, bct: Experiment, jiwoo: User, capsys: pytest.CaptureFixture[str]
) -> None:
    home.experiment("gimhae")
    change(bct, jiwoo, args_template="--epochs 5")
    call_command("list_experiments", "--json")
    output = {load["name"]: load["commands_read"] for load in json.loads(capsys.readouterr().out)}
    assert output == {bct.name: False, "gimhae": True}

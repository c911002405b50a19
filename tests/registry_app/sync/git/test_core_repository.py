"""The registry file on a branch of a core repository: an engineer and a PM, and real git."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from registry_app.changes.archive import archive
from registry_app.changes.change_sets import change_set
from registry_app.choices import ChangeOrigin, ConfirmedBy
from registry_app.fields.confirmation import confirm, unconfirmed
from registry_app.messages import plain
from registry_app.models import EntryPoint, Experiment, SyncedFile, SyncQuestion
from registry_app.sync import run
from registry_app.sync.errors import SyncError
from registry_app.sync.git.place import PROPOSED, CoreRepository
from registry_app.sync.objects import Side
from registry_app.sync.place import Content, Outcome, Prepared
from registry_app.sync.run import Report, sync
from tests.factories import make_member
from tests.registry_app.sync.git.remote import FILE, Remote, git, make_remote

pytestmark = pytest.mark.django_db

TEXT = """\
# ours
experiments:
  bct:   # the first
    path: bct
    owner: jiwoo  # PM
  fall:
    path: fall
"""
QUIET = Report(file_changed=False, portal_changed=False, questions=0)


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    """A core repository after a first sync with an empty portal."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit(TEXT)
    made.push()
    sync()
    return made


def save(name: str, by: Any = None, **fields: Any) -> None:
    """Save an experiment as the admin does."""
    with change_set(ChangeOrigin.ADMIN, by=by):
        row = Experiment.objects.get(name=name)
        for field, value in fields.items():
            setattr(row, field, value)
        row.save()


def owner(name: str = "bct") -> str:
    return Experiment.objects.get(name=name).owner


def problem() -> str:
    return str(SyncedFile.objects.get().problem)


def test_the_first_sync_brings_the_file_and_commits_nothing(remote: Remote) -> None:
    assert [row.name for row in Experiment.objects.order_by("name")] == ["bct", "fall"]
    assert len(remote.log()) == 1
    assert sync() == QUIET


def test_an_edit_in_the_portal_is_one_commit_of_one_line_by_the_pm(remote: Remote) -> None:
    sujin = make_member("PM", "sujin")
    sujin.first_name, sujin.email = "수진", "sujin@example.com"
    sujin.save()
    save("bct", by=sujin, owner="sujin")
    assert sync() == Report(file_changed=True, portal_changed=False, questions=0)
    assert remote.text() == TEXT.replace("owner: jiwoo", "owner: sujin")
    assert remote.log()[0] == "수진 <sujin@example.com>"
    assert git(remote.path, "log", "-1", "--format=%cn", "main") == "GuardianFlow portal"
    assert sync() == QUIET


def test_edits_of_two_people_name_both(remote: Remote) -> None:
    save("bct", by=make_member("PM", "sujin"), owner="a")
    save("fall", by=make_member("PM", "hana"), owner="b")
    sync()
    assert remote.log(form="%an")[0] == "hana"
    assert "Co-authored-by: sujin <>" in git(remote.path, "log", "-1", "--format=%b", "main")


def test_what_no_person_edited_is_the_portal_s(remote: Remote) -> None:
    with change_set(ChangeOrigin.SCAN):
        Experiment.objects.get(name="fall").save()
    Experiment.objects.filter(name="fall").update(owner="a scan")
    sync()
    assert remote.log(form="%an")[0] == "GuardianFlow portal"


@pytest.mark.parametrize("name", ["", "<>", "지우 <x>", "a\nb", "...", "'", '"', ",;:"])
def test_any_name_of_a_person_makes_an_author(remote: Remote, name: str) -> None:
    sujin = make_member("PM", "sujin")
    type(sujin).objects.filter(pk=sujin.pk).update(first_name=name)
    save("bct", by=sujin, owner="sujin")
    sync()
    assert remote.log(form="%an")[0]


def test_an_edit_in_git_arrives(remote: Remote) -> None:
    remote.edit("owner: jiwoo", "owner: hana")
    assert sync() == Report(file_changed=False, portal_changed=True, questions=0)
    assert owner() == "hana"
    assert len(remote.log()) == 2


def test_both_keep_what_they_wrote_and_a_clash_is_asked(remote: Remote) -> None:
    remote.edit("    path: fall\n", "    path: fall\n    stage: 2\n")
    save("bct", owner="sujin")
    assert sync() == Report(file_changed=True, portal_changed=True, questions=0)
    assert "stage: 2" in remote.text()
    assert "owner: sujin  # PM" in remote.text()
    remote.edit("owner: sujin", "owner: hana")
    save("bct", owner="yuna")
    assert sync().questions == 1
    assert "owner: hana" in remote.text()
    assert owner() == "yuna"


def pushes_first(remote: Remote, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the engineer push between each fetch and push of the portal, some times."""
    done: list[int] = []
    real = CoreRepository.put

    def late(
        place: CoreRepository, known: SyncedFile, content: Content, prepared: Prepared
    ) -> Outcome:
        if len(done) < times:
            done.append(len(done))
            text = remote.pull()
            remote.commit(f"{text}# {len(done)}\n")
            remote.push()
        return real(place, known, content, prepared)

    monkeypatch.setattr(CoreRepository, "put", late)
    return done


def test_a_lost_race_is_run_again(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    done = pushes_first(remote, monkeypatch, times=2)
    save("bct", owner="sujin")
    sync()
    assert len(done) == 2
    assert remote.text().endswith("# 1\n# 2\n")
    assert "owner: sujin" in remote.text()
    assert sync() == QUIET


def test_a_race_that_is_always_lost_says_so(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushes_first(remote, monkeypatch, times=9)
    save("bct", owner="sujin")
    with pytest.raises(SyncError, match="again and again"):
        sync()
    monkeypatch.undo()


def test_a_branch_that_is_rewound_during_a_sync_keeps_its_commits_away(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.commit(TEXT + "# withdrawn\n")
    remote.push()
    real = CoreRepository.put

    def rewinds(
        place: CoreRepository, known: SyncedFile, content: Content, prepared: Prepared
    ) -> Outcome:
        git(remote.path, "update-ref", "refs/heads/main", "main~1")
        monkeypatch.undo()
        return real(place, known, content, prepared)

    monkeypatch.setattr(CoreRepository, "put", rewinds)
    save("bct", owner="sujin")
    sync()
    assert "withdrawn" not in remote.text()
    assert "owner: sujin" in remote.text()


def test_a_rewritten_history_is_said_and_merged(remote: Remote) -> None:
    git(remote.clone, "commit", "--quiet", "--amend", "--message", "Anew")
    remote.push("--force")
    save("bct", owner="sujin")
    sync()
    assert "rewritten" in str(SyncedFile.objects.get().remark)
    assert "owner: sujin" in remote.text()
    sync()
    assert SyncedFile.objects.get().remark is None


def test_a_remote_that_is_away_keeps_the_edits_waiting(remote: Remote) -> None:
    save("bct", owner="sujin")
    away = remote.path.with_name("away")
    shutil.move(remote.path, away)
    with pytest.raises(SyncError, match="cannot be reached, so edits wait"):
        sync()
    assert "cannot be reached" in problem()
    shutil.move(away, remote.path)
    sync()
    assert "owner: sujin" in remote.text()
    assert SyncedFile.objects.get().problem is None


def test_a_branch_that_is_not_there_is_named(remote: Remote, settings: Settings) -> None:
    settings.GUARDIANFLOW_CORE_BRANCH = "release"
    with pytest.raises(SyncError, match="has no branch release"):
        sync()


def test_a_branch_below_the_name_of_an_earlier_one_is_fetched(
    remote: Remote, settings: Settings
) -> None:
    for branch in ("release", "release/1", "release"):
        for other in git(remote.path, "branch", "--list", "release*").split():
            git(remote.path, "branch", "-D", other)
        git(remote.clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        settings.GUARDIANFLOW_CORE_BRANCH = branch
        assert not sync().file_changed


def test_a_service_that_has_a_branch_guardianflow_is_not_said_to_have_commits_of_others(
    remote: Remote,
) -> None:
    save("bct", owner="sujin")
    remote.protect()
    git(remote.path, "branch", "guardianflow", "main")
    assert sync().waits
    assert "neither to main nor to" in str(SyncedFile.objects.get().remark)
    git(remote.path, "branch", "-D", "guardianflow")
    sync()
    assert "owner: sujin" in remote.text(PROPOSED)


def test_a_file_that_was_moved_is_named_and_nothing_is_archived(remote: Remote) -> None:
    git(remote.clone, "mv", FILE, "experiments.yaml")
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match=r"it was moved to experiments\.yaml"):
        sync()
    assert Experiment.objects.count() == 2


def test_a_file_that_was_removed_archives_nothing(remote: Remote) -> None:
    git(remote.clone, "rm", "--quiet", FILE)
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match="Nothing was changed: revert"):
        sync()
    assert Experiment.objects.count() == 2


def test_a_file_that_was_emptied_archives_nothing(remote: Remote) -> None:
    remote.commit("\n")
    remote.push()
    with pytest.raises(SyncError, match="is empty now"):
        sync()
    assert Experiment.objects.count() == 2
    assert remote.text().strip() == ""
    remote.commit("experiments: {}\n")
    remote.push()
    sync()
    assert Experiment.objects.count() == 0


def test_a_new_place_with_a_name_of_no_text_is_named(remote: Remote) -> None:
    git(remote.clone, "mv", FILE, "x.yaml")
    folder = os.fsencode(remote.clone)
    os.rename(folder + b"/x.yaml", folder + b"/\xff\x1b[31m.yaml")
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match=r"it was moved to \ufffd\ufffd\[31m\.yaml"):
        sync()
    assert "was moved" in problem()


def test_a_link_in_its_place_is_not_followed(remote: Remote) -> None:
    remote.file.unlink()
    remote.file.symlink_to("/etc/passwd")
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match="is a link or a folder"):
        sync()


@pytest.mark.parametrize("kind", ["a link", "a file"])
def test_what_stands_where_its_folder_should_be_is_kept(remote: Remote, kind: str) -> None:
    git(remote.clone, "rm", "-r", "--quiet", "registry")
    if kind == "a link":
        (remote.clone / "registry").symlink_to("config")
    else:
        (remote.clone / "registry").write_text("of others", encoding="utf-8")
    remote.commit_all()
    remote.push()
    before = remote.log(form="%H")
    SyncedFile.objects.all().delete()
    with pytest.raises(SyncError, match="registry is a link or a folder"):
        sync()
    assert remote.log(form="%H") == before


def test_a_remote_that_goes_away_after_the_fetch_is_said(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CoreRepository.read

    def goes_away(place: CoreRepository, known: SyncedFile) -> Content:
        shutil.rmtree(place.repository.git.directory / "objects")
        return real(place, known)

    monkeypatch.setattr(CoreRepository, "read", goes_away)
    with pytest.raises(SyncError, match="failed, so nothing was changed"):
        sync()
    assert "failed, so nothing was changed" in problem()


def test_two_pushes_at_the_same_moment_are_no_protection(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("bct", owner="sujin")
    hook = remote.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    # The branch is locked for one push, as it is while another one is taken.
    hook.write_text('#!/bin/sh\n: > refs/heads/main.lock\nrm "$0"\n', encoding="utf-8")
    hook.chmod(0o755)
    real = CoreRepository.open

    def unlocks(place: CoreRepository) -> None:
        (remote.path / "refs/heads/main.lock").unlink(missing_ok=True)
        real(place)

    monkeypatch.setattr(CoreRepository, "open", unlocks)
    assert not sync().waits
    assert "owner: sujin" in remote.text()
    assert PROPOSED not in git(remote.path, "branch", "--list", "--all")


def test_an_invalid_file_names_its_commit_and_line(remote: Remote) -> None:
    save("bct", owner="sujin")
    short = remote.commit(TEXT + "  fall2: [\n")[:7]
    remote.push()
    with pytest.raises(SyncError, match=rf"last commit {short}\w* by 최엔지") as caught:
        sync()
    assert "line 8" in str(caught.value) or "line 9" in str(caught.value)
    assert "owner: jiwoo" in remote.text()
    assert owner() == "sujin"


def test_a_deleted_entry_stays_deleted(remote: Remote) -> None:
    remote.edit("  fall:\n    path: fall\n", "")
    sync()
    assert [row.name for row in Experiment.objects.all()] == ["bct"]
    assert sync() == QUIET
    archive([Experiment.objects.get()], reason=plain("over"), by=None)
    sync()
    assert "bct" not in remote.text()


class TestAProtectedBranch:
    """It takes no pushes; what the portal has waits on a branch of its own, for people."""

    def test_the_file_s_changes_arrive_and_the_portal_s_wait(self, remote: Remote) -> None:
        remote.edit("    path: fall\n", "    path: fall\n    stage: 2\n")
        save("bct", owner="sujin")
        remote.protect()
        report = sync()
        assert report.waits
        assert Experiment.objects.get(name="fall").stage_held == 2
        assert "owner: jiwoo" in remote.text()
        assert "owner: sujin" in remote.text(PROPOSED)
        assert f"are on branch {PROPOSED}" in str(SyncedFile.objects.get().remark)

    def test_the_next_sync_pushes_nothing_anew_and_a_merge_ends_it(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect()
        sync()
        waiting = remote.log(PROPOSED, "%H")
        assert sync().waits
        assert remote.log(PROPOSED, "%H") == waiting
        git(remote.path, "update-ref", "refs/heads/main", PROPOSED)
        assert sync() == QUIET
        assert SyncedFile.objects.get().remark is None

    def test_later_edits_take_its_place(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect()
        sync()
        save("bct", owner="yuna")
        assert sync().waits
        assert "owner: yuna" in remote.text(PROPOSED)

    def test_an_answered_question_does_not_come_back(self, remote: Remote) -> None:
        remote.edit("owner: jiwoo", "owner: hana")
        save("bct", owner="yuna")
        sync()
        remote.protect()
        sync(answers={SyncQuestion.objects.get().pk: (Side.PORTAL, None)})
        assert sync().questions == 0
        assert "owner: yuna" in remote.text(PROPOSED)
        remote.unprotect()
        sync()
        assert "owner: yuna" in remote.text()

    def test_an_archived_experiment_waits_too(self, remote: Remote) -> None:
        archive([Experiment.objects.get(name="fall")], reason=plain("over"), by=None)
        remote.protect()
        assert sync().waits
        assert sync().waits
        assert [row.name for row in Experiment.objects.all()] == ["bct"]
        remote.unprotect()
        sync()
        assert "fall" not in remote.text()

    def test_commits_of_others_on_its_branch_are_kept_and_named(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect()
        sync()
        git(remote.clone, "fetch", "--quiet", "origin", PROPOSED)
        git(remote.clone, "checkout", "--quiet", "FETCH_HEAD")
        text = remote.file.read_text(encoding="utf-8")
        theirs = remote.commit(text + "# reviewed\n")
        git(remote.clone, "push", "--quiet", "origin", f"HEAD:{PROPOSED}")
        assert sync().waits
        assert remote.log(PROPOSED, "%H")[0] == theirs
        assert "has commits of others, which are kept" in str(SyncedFile.objects.get().remark)

    def test_what_was_taken_back_in_the_portal_waits_no_more(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect()
        sync()
        save("bct", owner="jiwoo")
        assert sync() == QUIET
        assert PROPOSED not in git(remote.path, "branch", "--list", "--all")
        assert SyncedFile.objects.get().proposed == ""

    def test_a_branch_that_takes_pushes_again_needs_no_other(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect()
        sync()
        remote.unprotect()
        sync()
        assert "owner: sujin" in remote.text()
        assert PROPOSED not in git(remote.path, "branch", "--list", "--all")

    def test_a_service_that_takes_no_push_at_all_is_reported(self, remote: Remote) -> None:
        save("bct", owner="sujin")
        remote.protect("*")
        (remote.path / "hooks/update").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        assert sync().waits
        assert "neither to main nor to" in str(SyncedFile.objects.get().remark)


STEPS = ("prepare", "intent", "push", "pushed", "rows")


@pytest.mark.parametrize("dies_at", STEPS)
@pytest.mark.parametrize("saves_between", [False, True])
def test_a_death_at_any_step_loses_and_asks_nothing(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, dies_at: str, saves_between: bool
) -> None:
    remote.edit("    path: fall\n", "    path: fall\n    stage: 2\n")
    save("bct", owner="sujin")

    class DeathError(Exception):
        pass

    def dies(*args: Any, **options: Any) -> None:
        raise DeathError

    real = CoreRepository.put

    def pushes_and_dies(*args: Any) -> None:
        real(*args)
        raise DeathError

    with monkeypatch.context() as patch:
        if dies_at == "prepare":
            patch.setattr(CoreRepository, "prepare", dies)
        elif dies_at == "intent":
            patch.setattr(SyncedFile, "save", dies)
        elif dies_at == "push":
            patch.setattr(CoreRepository, "put", dies)
        elif dies_at == "pushed":
            patch.setattr(CoreRepository, "put", pushes_and_dies)
        else:
            patch.setattr(run, "carry_out", dies)
        with pytest.raises(DeathError):
            sync()
    if saves_between:
        save("bct", owner="yuna")
    sync()
    assert not SyncQuestion.objects.exists()
    assert sync() == QUIET
    assert Experiment.objects.get(name="fall").stage_held == 2
    assert owner() == ("yuna" if saves_between else "sujin")
    assert f"owner: {owner()}  # PM" in remote.text()
    assert SyncedFile.objects.get().intent is None


# What people see


def test_the_command_tells_what_waits_and_where(remote: Remote) -> None:
    save("bct", owner="sujin")
    remote.protect()
    output = io.StringIO()
    call_command("sync_registry", stdout=output)
    assert f"The portal's changes are on branch {PROPOSED}" in output.getvalue()
    assert "are in the file" not in output.getvalue()
    output = io.StringIO()
    call_command("sync_registry", "--json", stdout=output)
    answer = json.loads(output.getvalue())
    assert answer["waits"] is True
    assert answer["file"] == f"{remote.path} main:{FILE}"
    assert PROPOSED in answer["remark"]


def test_the_check_writes_nothing_anywhere(remote: Remote) -> None:
    save("bct", owner="sujin")
    with pytest.raises(CommandError, match="differ"):
        call_command("sync_registry", "--check", stdout=io.StringIO())
    assert len(remote.log()) == 1
    assert SyncedFile.objects.get().intent is None


def test_the_check_reckons_with_what_an_interrupted_sync_pushed(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.edit("    path: fall\n", "    path: fall\n    stage: 2\n")
    save("bct", owner="sujin")

    def dies(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "carry_out", dies)
        with pytest.raises(KeyboardInterrupt):
            sync()
    save("bct", owner="yuna")
    before = SyncedFile.objects.values().get()
    assert sync(is_dry=True) == Report(file_changed=True, portal_changed=True, questions=0)
    assert SyncedFile.objects.values().get() == before
    assert Experiment.objects.get(name="fall").stage_held is None
    assert sync() == Report(file_changed=True, portal_changed=True, questions=0)
    assert sync(is_dry=True) == QUIET


def test_the_page_tells_how_many_edits_wait_and_since_when(remote: Remote, client: Client) -> None:
    client.force_login(make_member("PM", "sujin"))
    save("bct", owner="sujin")
    save("fall", owner="sujin")
    shutil.move(remote.path, remote.path.with_name("away"))
    address = reverse("admin:registry_app_syncquestion_changelist")
    refused = client.post(address)
    assert refused.status_code == 409
    page = client.get(address).content.decode()
    assert "2 edits since then wait in the portal" in page
    assert "cannot be reached, so edits wait" in page
    shutil.move(remote.path.with_name("away"), remote.path)
    assert client.post(address).status_code == 302
    assert "since then" not in client.get(address).content.decode()


@pytest.mark.proof
def test_two_people_edit_for_fifty_rounds(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_for_fifty_rounds(remote, monkeypatch, 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 14))
def test_thirteen_more_pairs_edit_for_fifty_rounds(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    edit_for_fifty_rounds(remote, monkeypatch, seed)


def edit_for_fifty_rounds(remote: Remote, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Each value that is written is new, so that a lost one is missed; clashes are answered."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    written = lost = 0
    real = CoreRepository.put

    def sometimes_late(
        place: CoreRepository, known: SyncedFile, content: Content, prepared: Prepared
    ) -> Outcome:
        nonlocal lost
        if lost < run.ATTEMPTS - 1 and dice.random() < 0.3:
            lost += 1
            remote.commit(f"{remote.pull()}# {dice.random()}\n")
            remote.push()
        return real(place, known, content, prepared)

    monkeypatch.setattr(CoreRepository, "put", sometimes_late)
    for _round in range(50):
        lost = 0
        if dice.random() < 0.7:
            text = remote.pull()
            present = next(line for line in text.splitlines() if "owner:" in line).split()[1]
            written += 1
            remote.edit(f"owner: {present}", f"owner: engineer{written}")
        if dice.random() < 0.7:
            written += 1
            save(dice.choice(["bct", "fall"]), owner=f"pm{written}", notes=f"note {written}")
        before = (owner(), remote.text())
        report = sync()
        for row in SyncQuestion.objects.all():
            assert (row.in_portal, f"owner: {row.in_file}" in before[1]) == (before[0], True)
            sync(answers={row.pk: (dice.choice([Side.FILE, Side.PORTAL]), None)})
        assert not SyncQuestion.objects.exists(), report
        assert f"owner: {owner()}  # PM" in remote.text()
        assert f"notes: {Experiment.objects.get(name='bct').notes}" in remote.text() or not (
            Experiment.objects.get(name="bct").notes
        )
        assert sync() == QUIET
    assert "# ours" in remote.text()
    assert "# the first" in remote.text()


# What comes from git may be written by people who may not run scripts


def started_with(remote: Remote, text: str) -> EntryPoint:
    """Let an engineer confirm an entry point, and git change it; an engineer then syncs."""
    remote.edit(
        "    path: fall\n",
        "    path: fall\n    entry_points:\n      train: {default: train.py}\n",
    )
    sync()
    confirm(EntryPoint.objects.get(), how=ConfirmedBy.FORM, by=make_member("Engineer", "jiwoo"))
    assert unconfirmed(EntryPoint.objects.get()) is None
    remote.edit("train: {default: train.py}", f"train: {{{text}}}")
    sync(by=make_member("Engineer", "minsu"))
    return EntryPoint.objects.get()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("default: other.py", "default"),
        ("default: train.py, args_template: '--fast'", "args_template"),
        ("default: train.py, working_directory: sub", "working_directory"),
        ("default: train.py, interpreter: portal", "interpreter"),
        ("default: train.py, environment: {MODE: x}", "environment"),
    ],
)
def test_a_command_that_git_changed_waits_although_an_engineer_synced(
    remote: Remote, text: str, field: str
) -> None:
    waiting = unconfirmed(started_with(remote, text))
    assert waiting is not None
    assert [difference.field.rpartition(".")[2] for difference in waiting.differences] == [field]


def test_what_git_changed_besides_the_command_does_not_wait(remote: Remote) -> None:
    assert unconfirmed(started_with(remote, "default: train.py, resources: {gpus: 1}")) is None

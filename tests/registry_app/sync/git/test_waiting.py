"""A proposal that waits for people while the portal is edited further, and is merged late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from registry_app.changes.archive import archive, restore
from registry_app.messages import plain
from registry_app.models import Customer, Experiment, SyncedFile, SyncQuestion
from registry_app.sync import run
from registry_app.sync.git.place import PROPOSED, CoreRepository
from registry_app.sync.place import Proposal
from registry_app.sync.run import Report, sync
from tests.registry_app.sync.git.remote import Remote, git, make_remote

pytestmark = pytest.mark.django_db

TEXT = """\
customers:
  donghwa: {display_name: 동화}
experiments:
  bct:
    path: bct
    site: {customer: donghwa}
    owner: jiwoo
    aliases: [one]
  fall:
    path: fall
"""
QUIET = Report(file_changed=False, portal_changed=False, questions=0)


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    """A core repository in step with the portal, whose branch takes no pushes."""
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit(TEXT)
    made.push()
    sync()
    made.protect()
    return made


def save(name: str, /, **fields: Any) -> None:
    row = Experiment.objects.get(name=name)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save()


def close(name: str) -> None:
    archive([Experiment.objects.get(name=name)], reason=plain("over"), by=None)


def merged(remote: Remote) -> None:
    """Merge the proposal with its commits."""
    git(remote.path, "update-ref", "refs/heads/main", PROPOSED)


def squashed(remote: Remote) -> None:
    """Put what the proposal says onto the branch as one commit of an engineer."""
    text = remote.text(PROPOSED)
    remote.unprotect()
    remote.pull()
    remote.commit(text)
    remote.push()
    remote.protect()


def state() -> dict[str, Any]:
    rows = Experiment.objects.order_by("name")
    return {row.name: (row.path, row.owner, row.aliases, row.notes) for row in rows} | {
        row.name: (row.display_name, row.aliases) for row in Customer.objects.all()
    }


# What is proposed, and what is done in the portal before that is merged.
STEPS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "a field is edited again": (
        lambda: save("bct", owner="sujin"),
        lambda: save("bct", owner="yuna"),
    ),
    "a field is cleared": (lambda: save("bct", owner="sujin"), lambda: save("bct", owner="")),
    "a new field is edited again": (
        lambda: save("fall", notes="a"),
        lambda: save("fall", notes="b"),
    ),
    "an edit is taken back": (
        lambda: save("bct", owner="sujin", notes="x"),
        lambda: save("bct", owner="jiwoo"),
    ),
    "an element of a set is exchanged": (
        lambda: save("bct", aliases=["one", "two"]),
        lambda: save("bct", aliases=["one", "three"]),
    ),
    "an experiment is renamed again": (
        lambda: save("bct", name="bct2"),
        lambda: save("bct2", name="bct3"),
    ),
    "an experiment is moved again": (
        lambda: save("bct", path="bct2"),
        lambda: save("bct", path="bct3"),
    ),
    "an edited experiment is archived": (
        lambda: save("bct", owner="sujin"),
        lambda: close("bct"),
    ),
    "an archived experiment is restored": (
        lambda: close("fall"),
        lambda: restore(list(Experiment.everything.filter(name="fall")), by=None),
    ),
    "a new experiment is edited": (
        lambda: Experiment.objects.create(name="new", path="new", owner="a"),
        lambda: save("new", owner="b"),
    ),
    "a new experiment is renamed and moved": (
        lambda: Experiment.objects.create(name="new", path="new"),
        lambda: save("new", name="newer", path="newer"),
    ),
    "a new experiment is archived": (
        lambda: Experiment.objects.create(name="new", path="new", owner="a"),
        lambda: close("new"),
    ),
    "a customer's name is edited again": (
        lambda: Customer.objects.update(display_name="동화엔텍"),
        lambda: Customer.objects.update(display_name="동화 엔텍"),
    ),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("way", [merged, squashed])
@pytest.mark.parametrize("syncs_between", [False, True])
def test_a_late_merge_of_the_older_value_is_no_edit_of_the_file(
    remote: Remote, step: str, way: Callable[[Remote], None], syncs_between: bool
) -> None:
    first, then = STEPS[step]
    first()
    assert sync().waits
    older = git(remote.path, "rev-parse", PROPOSED)
    then()
    wanted = state()
    if syncs_between:
        sync()
        git(remote.path, "update-ref", f"refs/heads/{PROPOSED}", older)
    way(remote)
    remote.unprotect()
    if syncs_between:
        # The service deletes a branch that it merged.
        git(remote.path, "update-ref", "-d", f"refs/heads/{PROPOSED}")
    assert sync().questions == 0
    assert state() == wanted
    assert not SyncQuestion.objects.exists()
    assert sync() == QUIET


def test_a_value_that_was_never_proposed_is_asked_about(remote: Remote) -> None:
    save("bct", owner="sujin")
    sync()
    save("bct", owner="yuna")
    remote.unprotect()
    remote.edit("owner: jiwoo", "owner: engineer")
    assert sync().questions == 1


def test_a_value_that_was_merged_and_settled_is_an_edit_later(remote: Remote) -> None:
    save("bct", owner="sujin")
    save("fall", notes="waits")
    sync()
    merged(remote)
    remote.protect()
    save("fall", notes="waits on")
    sync()
    save("bct", owner="yuna")
    sync()
    merged(remote)
    sync()
    save("bct", owner="hana")
    remote.unprotect()
    remote.edit("owner: yuna", "owner: sujin")
    assert sync().questions == 1


def test_an_engineer_s_edit_upon_the_merged_proposal_is_taken(remote: Remote) -> None:
    save("bct", owner="sujin", aliases=["one", "two"])
    sync()
    save("bct", aliases=["one", "three"])
    merged(remote)
    remote.unprotect()
    remote.edit("owner: sujin", "owner: engineer")
    assert sync().questions == 0
    row = Experiment.objects.get(name="bct")
    assert (row.owner, row.aliases) == ("engineer", ["one", "three"])
    assert "aliases: [one, three]" in remote.text()


def test_merged_commits_of_reviewers_do_not_stop_the_next_proposal(remote: Remote) -> None:
    save("bct", owner="sujin")
    sync()
    git(remote.clone, "fetch", "--quiet", "origin", PROPOSED)
    git(remote.clone, "checkout", "--quiet", "FETCH_HEAD")
    remote.commit(remote.file.read_text(encoding="utf-8") + "# reviewed\n")
    git(remote.clone, "push", "--quiet", "origin", f"HEAD:{PROPOSED}")
    merged(remote)
    git(remote.clone, "checkout", "--quiet", "main")
    save("bct", owner="yuna")
    assert sync().waits
    assert remote.text(PROPOSED).endswith("# reviewed\n")
    assert "owner: yuna" in remote.text(PROPOSED)


@pytest.mark.parametrize("dies_at", ["intent", "proposed", "rows"])
@pytest.mark.parametrize("way", [None, merged, squashed])
@pytest.mark.parametrize("edits_between", [False, True])
def test_a_death_while_it_proposes_loses_and_asks_nothing(
    remote: Remote,
    monkeypatch: pytest.MonkeyPatch,
    dies_at: str,
    way: Callable[[Remote], None] | None,
    edits_between: bool,
) -> None:
    class DeathError(Exception):
        pass

    real = CoreRepository.propose

    def proposes_and_dies(*args: Any) -> Proposal:
        real(*args)
        raise DeathError

    def dies(*args: Any, **options: Any) -> None:
        raise DeathError

    save("bct", owner="sujin")
    with monkeypatch.context() as patch:
        if dies_at == "intent":
            patch.setattr(CoreRepository, "propose", dies)
        elif dies_at == "proposed":
            patch.setattr(CoreRepository, "propose", proposes_and_dies)
        else:
            patch.setattr(run, "carry_out", dies)
        with pytest.raises(DeathError):
            sync()
    owner = "sujin"
    if edits_between:
        owner = "yuna"
        save("bct", owner=owner)
    if way is not None and dies_at != "intent":
        way(remote)
    sync()
    assert not SyncQuestion.objects.exists()
    remote.unprotect()
    sync()
    assert sync() == QUIET
    assert f"owner: {owner}" in remote.text()
    assert "others" not in str(SyncedFile.objects.get().remark)
    assert PROPOSED not in git(remote.path, "branch", "--list", "--all")

"""People decide which directories scans draft in any case, and which they never list."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.translation import override
from pytest_django.fixtures import Settings

from registry_app.choices import ChildDecision
from registry_app.exceptions import RegistryError
from registry_app.findings.decisions import child_named, decide, decided, existing_child, take_back
from registry_app.findings.store import store
from registry_app.models import Experiment, LeftOutChild, Proposal, ScanDecision
from registry_app.reading import error_text
from registry_app.scan.left_out import Decided
from registry_app.scan.run import scan
from tests.factories import make_directory, make_experiment, make_member

pytestmark = pytest.mark.django_db
ADD, NEVER = ChildDecision.ADD, ChildDecision.NEVER
TRAIN = {"train.py": "model.fit()"}


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "experiments"
    root.mkdir()
    settings.GUARDIANFLOW_ROOTS = [root]
    return root


def rescan(root: Path) -> list[str]:
    """Scan and import; return what the list holds then."""
    store(scan([root], decided=decided()))
    return [child.name for child in LeftOutChild.objects.listed()]


def test_an_added_directory_is_drafted_by_the_next_scan_and_stays(root: Path) -> None:
    (root / "posco-pohang-crane").mkdir()
    assert rescan(root) == ["posco-pohang-crane"]
    jiwoo = make_member("PM", "jiwoo")
    row = decide(str(root / "posco-pohang-crane"), ADD, by=jiwoo)
    assert (row.by, row.decision) == (jiwoo, ADD)
    assert rescan(root) == []
    assert Experiment.objects.get().name == "posco-pohang-crane"
    take_back(str(root / "posco-pohang-crane"))
    assert rescan(root) == []  # it is an experiment, which a person may archive
    assert not ScanDecision.objects.exists()


def test_an_addition_that_is_taken_back_in_time_drafts_nothing(root: Path) -> None:
    (root / "empty").mkdir()
    decide(str(root / "empty"), ADD, by=None)
    take_back(str(root / "empty"))
    assert rescan(root) == ["empty"]
    assert not Experiment.objects.exists()


def test_never_takes_it_out_of_the_list_at_once_and_of_every_scan(root: Path) -> None:
    make_directory(root, "trial", {"a.csv": "x"})
    (root / "note.txt").touch()
    assert rescan(root) == ["note.txt", "trial"]
    decide(str(root / "trial"), NEVER, by=None)
    assert [child.name for child in LeftOutChild.objects.listed()] == ["note.txt"]
    make_directory(root, "trial", TRAIN)
    assert rescan(root) == ["note.txt"]
    assert not Experiment.objects.exists()
    take_back(str(root / "trial"))
    assert rescan(root) == ["note.txt"]
    assert Experiment.objects.get().name == "trial"


def test_a_second_decision_replaces_the_first(root: Path) -> None:
    (root / "empty").mkdir()
    decide(str(root / "empty"), NEVER, by=None)
    decide(str(root / "empty"), ADD, by=None)
    assert decided() == Decided(added=frozenset({str(root / "empty")}))


def test_a_directory_that_a_file_made_an_experiment_is_read_all_the_same(root: Path) -> None:
    make_directory(root, "trial", TRAIN)
    decide(str(root / "trial"), NEVER, by=None)
    make_experiment("trial", path=str(root / "trial"))
    assert decided() == Decided()


@pytest.mark.parametrize(
    ("decision", "advice"),
    [
        (ADD, "디렉터리는 이미 bct 실험입니다. 더할 것이 없습니다."),
        (NEVER, "`guardianflow archive bct`"),
    ],
)
def test_an_experiment_is_not_decided_about(
    root: Path, decision: ChildDecision, advice: str
) -> None:
    make_directory(root, "sampyo-gimhae-bct", TRAIN)
    make_experiment("bct", path=str(root / "sampyo-gimhae-bct"))
    with pytest.raises(RegistryError) as refused:
        decide(str(root / "sampyo-gimhae-bct"), decision, by=None)
    with override("ko"):
        assert advice in error_text(refused.value)
    assert not ScanDecision.objects.exists()


def test_what_cannot_become_an_experiment_is_not_added(root: Path) -> None:
    make_directory(root, "sampyo-gimhae-bct", TRAIN)
    (root / "in-use").symlink_to("sampyo-gimhae-bct")
    (root / "note.txt").touch()
    (root / "dead").symlink_to("nowhere")
    for name, reason in (
        ("in-use", "a link to sampyo-gimhae-bct"),
        ("note.txt", "not a folder"),
        ("dead", "a link to nowhere"),
        ("gone", "There is no"),
    ):
        with pytest.raises(RegistryError, match=f"cannot be added: {reason}"):
            decide(str(root / name), ADD, by=None)
        decide(str(root / name), NEVER, by=None)
    assert not decided().added


def test_an_archived_or_renamed_experiment_is_answered_first(root: Path) -> None:
    for name in ("sold", "moved"):
        make_directory(root, name, TRAIN)
    make_experiment("sold", path=str(root / "sold"), archived_at=timezone.now())
    bct = make_experiment("bct", path=str(root / "bct"))
    Proposal.objects.create(experiment=bct, field="path", value=str(root / "moved"))
    with pytest.raises(RegistryError, match="sold is archived"):
        decide(str(root / "sold"), ADD, by=None)
    with pytest.raises(RegistryError, match="the experiment bct under a new name"):
        decide(str(root / "moved"), ADD, by=None)


def test_nothing_to_take_back_is_said(root: Path) -> None:
    with pytest.raises(RegistryError, match="Nothing was decided about"):
        take_back(str(root / "empty"))


def test_a_terminal_names_children_as_people_write_them(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "empty").mkdir()
    (root.parent / "by-link").symlink_to(root)
    roots = [root]
    for written in (f"{root}/empty", f"{root}/empty/", "empty", f"{root.parent}/by-link/empty"):
        assert child_named(written, roots) == root / "empty"
    monkeypatch.chdir(root / "empty")
    assert child_named(".", roots) == root / "empty"
    for written in (str(root), f"{root}/empty/inside", "/", f"{root}/../other"):
        with pytest.raises(RegistryError, match="not directly inside"):
            child_named(written, roots)
    with pytest.raises(RegistryError, match="There is no"):
        existing_child(f"{root}/gone", roots)

"""What a scan may not write it proposes; what was answered is remembered."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from registry_app.changes import proposals
from registry_app.changes.answers import Answer, reject
from registry_app.choices import FieldSource, ProposalStatus
from registry_app.fields import provenance
from registry_app.findings.store import store
from registry_app.messages import from_rows, joined
from registry_app.models import EntryPoint, Experiment, FieldProvenance, Proposal
from registry_app.scan.run import scan
from tests.factories import make_directory, make_experiment, make_user

pytestmark = pytest.mark.django_db
NAME = "sampyo-gimhae-bct"
DATA = "names: [truck, person]\n"
TRAIN = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--epochs', default={n})\n"
TRAIN += "p.parse_args()\nmodel.fit()\n"


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, NAME, {"train_v1.py": TRAIN.format(n=1), "data.yaml": DATA})
    return tmp_path


def rescan(root: Path) -> dict[str, Any]:
    return store(scan([root]))


def curate(**values: Any) -> Experiment:
    """Jiwoo writes columns of the one experiment, as the form would."""
    experiment = Experiment.objects.get()
    Experiment.objects.filter(pk=experiment.pk).update(**values)
    names = {"task_type": "task.type", "classes": "task.classes", "path": "path"}
    fields = [names[column] for column in values]
    provenance.record(experiment, fields, source=FieldSource.CURATED)
    return experiment


def states(field: str) -> list[tuple[str, Any]]:
    rows = Proposal.objects.filter(field=field).order_by("pk")
    return [(row.status, row.value) for row in rows]


def test_a_scan_proposes_what_it_may_not_write(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    summary = rescan(root)
    assert (summary["kept"], summary["proposed"], summary["proposals"]) == (1, 1, 1)
    row = Proposal.objects.get()
    assert (row.field, row.held, row.value) == ("task.classes", ["덤프트럭"], ["truck", "person"])
    assert (row.evidence, row.confidence) == ("data.yaml:1", "sure")
    assert row.reasons
    assert Experiment.objects.get().classes == ["덤프트럭"]


@pytest.mark.parametrize(
    ("default", "proposed"),
    [("other.py", [("open", "train_v1.py")]), ("core:trainers/ppe/trainer.py", [])],
)
def test_a_trainer_of_the_core_repository_is_not_proposed_away(
    root: Path, default: str, proposed: list[tuple[str, str]]
) -> None:
    rescan(root)
    field = "entry_points.train.default"
    assert EntryPoint.objects.filter(type="train", default_script="train_v1.py").update(
        default_script=default
    )
    provenance.record(Experiment.objects.get(), [field], source=FieldSource.CURATED)
    rescan(root)
    assert states(field) == proposed


def test_the_same_guess_is_proposed_once(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    row = Proposal.objects.get()
    assert rescan(root)["proposed"] == 0
    assert Proposal.objects.get().made_at == row.made_at


def test_a_proposal_follows_the_line_of_its_evidence_and_the_present_value(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    (root / NAME / "data.yaml").write_text("# 분류\n" + DATA, encoding="utf-8")
    curate(classes=["트럭"])
    rescan(root)
    row = Proposal.objects.get()
    assert (row.evidence, row.held) == ("data.yaml:2", ["트럭"])


def test_another_guess_takes_the_place_of_the_first(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    (root / NAME / "data.yaml").write_text("names: [truck]\n", encoding="utf-8")
    rescan(root)
    assert states("task.classes") == [
        (ProposalStatus.SUPERSEDED, ["truck", "person"]),
        (ProposalStatus.OPEN, ["truck"]),
    ]


def test_a_proposal_is_no_longer_needed_where_the_field_says_it(root: Path) -> None:
    rescan(root)
    experiment = curate(classes=["덤프트럭"])
    rescan(root)
    curate(classes=["truck", "person"])
    proposals.settle([experiment.pk])
    assert states("task.classes") == [(ProposalStatus.WITHDRAWN, ["truck", "person"])]
    rescan(root)
    assert not Proposal.objects.open().exists()


def test_a_proposal_that_nothing_speaks_for_any_more_is_withdrawn(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    (root / NAME / "data.yaml").unlink()
    rescan(root)
    assert states("task.classes") == [(ProposalStatus.WITHDRAWN, ["truck", "person"])]


def test_a_rejected_guess_stays_rejected_and_another_is_proposed(root: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    reject([Answer(pk=Proposal.objects.get().pk, seen="")], by=make_user())
    assert rescan(root)["proposed"] == 0
    assert not Proposal.objects.open().exists()
    data = root / NAME / "data.yaml"
    data.write_text("names: [truck]\n", encoding="utf-8")
    assert rescan(root)["proposed"] == 1
    data.write_text(DATA, encoding="utf-8")
    rescan(root)
    assert states("task.classes") == [
        (ProposalStatus.REJECTED, ["truck", "person"]),
        (ProposalStatus.WITHDRAWN, ["truck"]),
    ]


def test_one_field_has_one_open_proposal() -> None:
    experiment = make_experiment()
    Proposal.objects.create(experiment=experiment, field="owner", value="지우")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(experiment=experiment, field="owner", value="민수")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(
            experiment=experiment, field="notes", status=ProposalStatus.REJECTED
        )


def test_a_scan_of_another_root_leaves_proposals_alone(root: Path, tmp_path: Path) -> None:
    rescan(root)
    curate(classes=["덤프트럭"])
    rescan(root)
    other = root / "other"
    other.mkdir()
    store(scan([other]))
    assert Proposal.objects.open().count() == 1


def test_the_reasons_of_scanned_values_follow_the_directory(root: Path) -> None:
    rescan(root)
    row = FieldProvenance.objects.get(field="task.classes")
    (root / NAME / "data.yaml").write_text("# 분류\n" + DATA, encoding="utf-8")
    rescan(root)
    again = FieldProvenance.objects.get(field="task.classes")
    assert (row.evidence, again.evidence) == ("data.yaml:1", "data.yaml:2")
    assert again.at == row.at


def test_another_spelling_of_the_path_is_no_news(root: Path) -> None:
    rescan(root)
    curate(path=NAME)  # relative to the root
    rescan(root)
    assert not Proposal.objects.exists()
    assert Experiment.objects.get().path == NAME


def test_a_field_that_was_handed_back_follows_the_next_scan(root: Path) -> None:
    rescan(root)
    experiment = curate(classes=["덤프트럭"])
    rescan(root)
    assert provenance.hand_back(experiment, "task.classes", by=make_user())
    rescan(root)
    experiment.refresh_from_db()
    assert experiment.classes == ["truck", "person"]
    assert [status for status, _value in states("task.classes")] == [ProposalStatus.WITHDRAWN]


# Directories that go, come back, and change their names


def test_a_renamed_directory_is_proposed_as_a_new_path(root: Path) -> None:
    rescan(root)
    (root / NAME).rename(root / "sampyo-busan-bct")
    summary = rescan(root)
    assert (summary["created"], summary["renamed"], summary["missing"]) == (0, 1, 1)
    assert summary["renamed_names"] == [f"{NAME} → sampyo-busan-bct"]
    experiment = Experiment.objects.get()
    assert experiment.missing_since is not None
    row = Proposal.objects.get(field="path")
    assert row.value == str(root / "sampyo-busan-bct")
    assert (row.evidence, row.confidence) == ("sampyo-busan-bct", "sure")
    assert joined(from_rows(row.reasons)).startswith("1 of 1 scripts")


def test_a_renamed_directory_may_have_changed_a_little(root: Path) -> None:
    for number in range(2, 5):
        file = root / NAME / f"train_v{number}.py"
        file.write_text(TRAIN.format(n=number), encoding="utf-8")
    rescan(root)
    (root / NAME).rename(root / "renamed")
    (root / "renamed" / "train_v4.py").write_text(TRAIN.format(n=44), encoding="utf-8")
    rescan(root)
    row = Proposal.objects.get(field="path")
    assert row.confidence == "likely"
    assert joined(from_rows(row.reasons)).startswith("3 of 4 scripts")


def test_a_directory_that_comes_back_needs_no_answer(root: Path) -> None:
    rescan(root)
    (root / NAME).rename(root / "renamed")
    rescan(root)
    (root / "renamed").rename(root / NAME)
    assert rescan(root)["missing"] == 0
    assert Experiment.objects.get().missing_since is None
    assert [status for status, _value in states("path")] == [ProposalStatus.WITHDRAWN]


def test_the_day_since_when_a_directory_is_gone_stays(root: Path) -> None:
    rescan(root)
    (root / NAME).rename(root / ".hidden")
    rescan(root)
    since = Experiment.objects.get().missing_since
    rescan(root)
    assert Experiment.objects.get().missing_since == since


def test_a_user_who_says_that_it_is_another_gets_another_experiment(root: Path) -> None:
    rescan(root)
    (root / NAME).rename(root / "other")
    rescan(root)
    reject([Answer(pk=Proposal.objects.get(field="path").pk, seen="")], by=make_user())
    assert rescan(root)["created"] == 1
    assert set(Experiment.objects.values_list("name", flat=True)) == {NAME, "other"}
    assert rescan(root)["renamed"] == 0


def test_a_copy_is_an_experiment_of_its_own(root: Path) -> None:
    rescan(root)
    shutil.copytree(root / NAME, root / "copy")
    assert rescan(root)["created"] == 1
    assert not Proposal.objects.exists()


def test_a_name_that_people_gave_to_another_directory_is_taken(root: Path) -> None:
    rescan(root)
    Experiment.objects.update(name="trucks")
    make_directory(root, "trucks", {"train.py": TRAIN.format(n=9)})
    rescan(root)
    rescan(root)
    found = dict(Experiment.objects.values_list("name", "path"))
    assert found == {"trucks": str(root / NAME), "trucks-2": str(root / "trucks")}


def test_a_link_beside_its_directory_is_no_second_experiment(root: Path) -> None:
    (root / "link").symlink_to(root / NAME)
    assert rescan(root)["created"] == 1
    assert rescan(root)["unchanged"] == 1
    assert Experiment.objects.get().name == NAME


def test_a_link_that_was_registered_beside_its_directory_stays(root: Path) -> None:
    rescan(root)
    (root / "link").symlink_to(root / NAME)
    make_experiment("by-link", path=str(root / "link"))
    summary = rescan(root)
    assert (summary["created"], summary["unchanged"], summary["missing"]) == (0, 1, 0)
    found = dict(Experiment.objects.values_list("name", "path"))
    assert found == {NAME: str(root / NAME), "by-link": str(root / "link")}
    assert not Experiment.objects.exclude(missing_since=None).exists()


def test_a_directory_moved_to_another_root_is_the_same(root: Path, settings: Settings) -> None:
    rescan(root)
    other = root / ".second"
    other.mkdir()
    (root / NAME).rename(other / NAME)
    settings.GUARDIANFLOW_ROOTS = [root, other]
    summary = store(scan([root, other]))
    assert (summary["created"], summary["missing"]) == (0, 0)
    assert Experiment.objects.get().path == str(other / NAME)


def test_more_proposals_need_no_more_queries(root: Path) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            make_directory(
                root, f"sampyo-x{number}", {"train.py": TRAIN.format(n=number), "data.yaml": DATA}
            )
        rescan(root)
        for experiment in Experiment.objects.all():
            Experiment.objects.filter(pk=experiment.pk).update(classes=["x"])
            provenance.record(experiment, ["task.classes"], source=FieldSource.CURATED)
        found = scan([root])
        Proposal.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            assert store(found)["proposed"] == count + 1
        return len(asked)

    assert queries(3) == queries(12)

"""The stored list of what scans leave out, beside what the registry knows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from registry_app.findings.decisions import decided
from registry_app.findings.left_out import keep
from registry_app.findings.store import store
from registry_app.messages import Message
from registry_app.models import Experiment, LeftOutChild
from registry_app.scan.left_out import LeftOut
from registry_app.scan.run import ScanResult, scan
from registry_app.texts import left_out
from tests.factories import make_directory, make_experiment

pytestmark = pytest.mark.django_db
TRAIN = {"train.py": "model.fit()"}


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    return tmp_path


def rescan(root: Path) -> dict[str, Any]:
    return store(scan([root], decided=decided()))


def reasons() -> dict[str, Message | None]:
    return {child.name: child.reason for child in LeftOutChild.objects.all()}


def test_each_child_is_in_the_registry_or_in_the_list(root: Path) -> None:
    make_directory(root, "sampyo-gimhae-bct", TRAIN)
    make_directory(root, "sold-ulsan-ppe", TRAIN)
    make_directory(root, "written-by-hand", {"plan.pdf": "x"})
    make_directory(root, "pictures", {"1.jpg": "x"})
    (root / "in-use").symlink_to("written-by-hand")
    make_experiment("by-hand", path=str(root / "written-by-hand"))
    make_experiment("sold", path=str(root / "sold-ulsan-ppe"), archived_at=timezone.now())
    summary = rescan(root)
    assert reasons() == {
        "sold-ulsan-ppe": left_out.ARCHIVED(name="sold"),
        "pictures": left_out.PICTURES(),
        "in-use": left_out.LINK_TO_EXPERIMENT(target="written-by-hand"),
    }
    known = {Path(path).name for path in Experiment.objects.values_list("path", flat=True)}
    assert known | set(reasons()) == set(os.listdir(root))
    assert not known & set(reasons())
    assert summary["left_out"] == 3
    assert summary["left_out_reasons"]["left_out_archived"] == 1


def test_a_directory_that_waits_for_the_answer_of_a_proposal_says_so(root: Path) -> None:
    directory = make_directory(root, "sampyo-gimhae-bct", TRAIN)
    rescan(root)
    directory.rename(root / "sampyo-gimhae-mixer")
    rescan(root)
    assert reasons() == {"sampyo-gimhae-mixer": left_out.RENAMED(name="sampyo-gimhae-bct")}


def test_the_list_follows_the_last_scan_and_keeps_the_keys_of_its_rows(root: Path) -> None:
    make_directory(root, "datasets", {"a.csv": "x"})
    (root / "empty").mkdir()
    rescan(root)
    key = LeftOutChild.objects.get(code="left_out_empty").pk
    make_directory(root, "empty", {"1.jpg": "x"})
    make_directory(root, "datasets", TRAIN)
    rescan(root)
    assert reasons() == {"empty": left_out.PICTURES()}
    assert LeftOutChild.objects.get().pk == key


def test_a_scan_of_one_root_leaves_the_list_of_the_others(root: Path, settings: Settings) -> None:
    one, two, former = root / "one", root / "two", root / "former"
    settings.GUARDIANFLOW_ROOTS = [one, two]
    for place in (one, two, former):
        place.mkdir()
        left = [LeftOut(path=place / "empty", reason=left_out.EMPTY())]
        keep(ScanResult(roots=(place,)), left)
    keep(ScanResult(roots=(one,)), [])
    assert [child.root for child in LeftOutChild.objects.all()] == [str(two)]


def test_five_thousand_children_are_a_few_statements(
    root: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    left = [
        LeftOut(path=root / f"{number}.jpg", reason=left_out.NO_FOLDER()) for number in range(5000)
    ]
    found = ScanResult(roots=(root,))
    with django_assert_max_num_queries(30):
        keep(found, left)
    assert LeftOutChild.objects.by_reason() == {"left_out_no_folder": 5000}
    with django_assert_max_num_queries(30):
        keep(found, [])
    assert not LeftOutChild.objects.exists()

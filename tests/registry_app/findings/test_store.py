"""What a scan found is stored without changing what users decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.exceptions import PathRefusedError
from registry_app.fields import provenance
from registry_app.findings.store import store
from registry_app.models import ChangeSet, Experiment, Script
from registry_app.scan.run import scan
from tests.factories import make_directory, make_member

pytestmark = pytest.mark.django_db
TRAIN = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--epochs', default=3)\n"
TRAIN += "p.parse_args()\nmodel.fit()\n"


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    make_directory(tmp_path, "sampyo-gimhae-bct", {"train_v1.py": TRAIN})
    return tmp_path


def rescan(root: Path, **who: Any) -> dict[str, Any]:
    return store(scan([root]), **who)


def test_a_first_scan_makes_experiments_with_their_origin(root: Path) -> None:
    summary = rescan(root, by=make_member("PM", "jiwoo"))
    assert (summary["created"], summary["scripts"]) == (1, 1)
    experiment = Experiment.objects.get()
    assert experiment.scanned_at is not None
    assert experiment.entry_points.get().default_script == "train_v1.py"
    row = experiment.provenance.get(field="site.region")
    assert (row.source, row.confidence, row.evidence) == (
        *("scanned", "sure", "sampyo-gimhae-bct"),
    )
    made = ChangeSet.objects.get()
    assert (made.origin, str(made.by)) == (ChangeOrigin.SCAN, "jiwoo")
    script = Script.objects.get()
    assert script.parameters_known
    assert script.parameters[0]["name"] == "epochs"
    assert len(script.sha256) == 64


def test_a_second_scan_of_the_same_tree_changes_nothing(root: Path) -> None:
    rescan(root)
    kept = Script.objects.get().pk
    assert rescan(root)["unchanged"] == 1
    assert ChangeSet.objects.count() == 1
    assert Script.objects.get().pk == kept


def test_news_of_the_directory_are_followed(root: Path) -> None:
    rescan(root)
    (root / "sampyo-gimhae-bct" / "train_v1.py").rename(root / "sampyo-gimhae-bct" / "train_v2.py")
    assert rescan(root)["updated"] == 1
    assert Experiment.objects.get().entry_points.get().default_script == "train_v2.py"
    assert [row.path for row in Script.objects.all()] == ["train_v2.py"]


def test_a_scanned_value_goes_with_its_file(root: Path) -> None:
    directory = make_directory(root, "sampyo-gimhae-bct", {"data.yaml": "names: [truck]\n"})
    rescan(root)
    experiment = Experiment.objects.get()
    assert experiment.classes == ["truck"]
    (directory / "data.yaml").unlink()
    (directory / "train_v1.py").unlink()
    make_directory(root, "sampyo-gimhae-bct", {"export_onnx.py": "torch.onnx.export(m, x, 'm')\n"})
    assert rescan(root)["updated"] == 1
    experiment.refresh_from_db()
    assert experiment.classes == []
    assert [row.type for row in experiment.entry_points.all()] == ["quant"]
    assert experiment.zone is not None
    assert rescan(root)["unchanged"] == 1


def test_a_curated_value_outlives_its_file(root: Path) -> None:
    directory = make_directory(root, "sampyo-gimhae-bct", {"data.yaml": "names: [truck]\n"})
    rescan(root)
    provenance.record(Experiment.objects.get(), ["task.classes"], source=FieldSource.CURATED)
    (directory / "data.yaml").unlink()
    assert rescan(root)["unchanged"] == 1
    assert Experiment.objects.get().classes == ["truck"]


def test_what_a_person_decided_is_never_overwritten(root: Path) -> None:
    rescan(root)
    experiment = Experiment.objects.get()
    experiment.task_type = "bulk-truck"
    experiment.save()
    provenance.record(experiment, ["task.type"], source=FieldSource.CURATED)
    entry = experiment.entry_points.get()
    entry.default_script = ""
    entry.save()
    provenance.record(experiment, ["entry_points.train.default"], source=FieldSource.CURATED)
    summary = rescan(root)
    experiment.refresh_from_db()
    assert experiment.task_type == "bulk-truck"
    assert experiment.entry_points.get().default_script == ""
    assert summary["kept"] == 2


def test_a_directory_keeps_the_name_that_people_gave_it(root: Path) -> None:
    rescan(root)
    Experiment.objects.update(name="gimhae-trucks")
    summary = rescan(root)
    assert (summary["created"], summary["unchanged"]) == (0, 1)
    assert Experiment.objects.get().name == "gimhae-trucks"


def test_a_directory_that_is_gone_is_reported_and_its_experiment_stays(root: Path) -> None:
    rescan(root)
    (root / "sampyo-gimhae-bct").rename(root / ".moved")
    summary = rescan(root)
    assert summary["missing_names"] == ["sampyo-gimhae-bct"]
    assert Experiment.objects.count() == 1
    assert Script.objects.count() == 1


def test_a_scan_outside_the_roots_is_not_stored(root: Path, settings: Settings) -> None:
    settings.GUARDIANFLOW_ROOTS = [root / "elsewhere"]
    with pytest.raises(PathRefusedError):
        rescan(root)
    assert not Experiment.objects.exists()


def test_queries_do_not_grow_with_experiments_that_have_no_news(
    root: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_directory(root, f"sampyo-gimhae-task{number}", {"train.py": TRAIN})
    rescan(root)
    found = scan([root])
    with django_assert_max_num_queries(24):
        store(found)


def test_a_hundred_new_directories_of_a_site_take_less_than_a_query_each(
    root: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(100):
        make_directory(root, f"sampyo-gimhae-task{number}", {"train.py": TRAIN, "infer.py": TRAIN})
    found = scan([root])
    with django_assert_max_num_queries(80):
        store(found)
    assert Experiment.objects.count() == 101


def test_rows_that_were_made_at_once_have_their_history(root: Path) -> None:
    rescan(root, by=make_member("PM", "jiwoo"))
    made = ChangeSet.objects.get()
    for row in (Experiment.objects.get(), Experiment.objects.get().entry_points.get()):
        kept = row.history.get()
        assert (kept.history_type, kept.change_set, str(kept.history_user)) == ("+", made, "jiwoo")


def test_what_no_database_takes_is_replaced(root: Path) -> None:
    options = r"""
p.add_argument("--mark", default="half \ud800 and \0 none", help="\udcff 한글 \U0001f600")
p.add_argument("--best", type=float, default=1e999)
p.parse_args()
CLASSES = ["a\ud800", "b"]
"""
    head = "import argparse\np = argparse.ArgumentParser()\n"
    make_directory(root, "hostile", {"train.py": f"{head}{options}\nmodel.fit()\n"})
    rescan(root)
    script = Script.objects.get(experiment__name="hostile")
    mark, best = script.parameters
    assert mark["default"] == "half � and � none"
    assert mark["help"] == "� 한글 😀"
    assert best.get("default") is None
    assert Experiment.objects.get(name="hostile").classes == ["a�", "b"]
    assert rescan(root)["unchanged"] == 2

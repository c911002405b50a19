"""Which commands count as read: what engineers, scans and command lines said, and no other."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from registry_app.arguments.parameters import Parameter
from registry_app.choices import ConfirmedBy
from registry_app.fields import confirmation, provenance
from registry_app.fields.confirmation import (
    COMMAND_FIELDS,
    Unconfirmed,
    all_unconfirmed,
    command_of,
    confirm,
    digest_of,
    unconfirmed,
)
from registry_app.fields.names import ENTRY_POINT_COLUMNS, EXPERIMENT_COLUMNS
from registry_app.findings.store import store
from registry_app.models import Confirmation, EntryPoint, Experiment
from registry_app.scan.run import scan
from tests.earlier_schema import go_back_to
from tests.factories import make_entry_point, make_experiment, make_member
from tests.registry_app.forms import experiment_form, save_page

pytestmark = pytest.mark.django_db

# What is no part of a command: it decides when a run may start and how it is ended.
HARMLESS = {
    "reads",
    "resources.gpus",
    "resources.gpu_memory_mib",
    "resources.timeout_s",
    "resources.grace_s",
    "resources.overlap",
    "resources.log_limit_mib",
    "resources.background",
    "resources.buffered",
}
HARMLESS_OF_EXPERIMENTS = {
    *("task.type", "task.classes", "stage", "stage_reason", "owner", "notes", "aliases"),
}
ARGPARSE = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
if __name__ == "__main__":
    parser.parse_args()
"""


@pytest.fixture
def roots(settings: Settings, tmp_path: Path) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    for name in ("sampyo-gimhae-bct", "sampyo-busan-bct"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text(ARGPARSE)
    return tmp_path


@pytest.fixture
def entry(roots: Path) -> EntryPoint:
    """Training at Sampyo Gimhae, whose command was read."""
    experiment = make_experiment(path=str(roots / "sampyo-gimhae-bct"))
    return make_entry_point(experiment, args_template="--epochs {epochs}")


def fresh(entry: EntryPoint) -> EntryPoint:
    return EntryPoint.objects.select_related("experiment").get(pk=entry.pk)


def waiting(entry: EntryPoint) -> Unconfirmed:
    found = unconfirmed(fresh(entry))
    assert found is not None
    return found


def changed_fields(entry: EntryPoint) -> list[str]:
    found = unconfirmed(fresh(entry))
    return [item.field.rpartition(".")[2] for item in found.differences] if found else []


def test_every_field_is_part_of_a_command_or_known_to_be_harmless() -> None:
    """A new field that enters a command must be put into the table before anything uses it."""
    assert set(COMMAND_FIELDS) | HARMLESS == set(ENTRY_POINT_COLUMNS)
    assert not set(COMMAND_FIELDS) & HARMLESS
    assert {"path"} | HARMLESS_OF_EXPERIMENTS == set(EXPERIMENT_COLUMNS)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("default_script", "other.py"),
        ("args_template", "--epochs {epochs} --weights evil.pt"),
        ("interpreter", ".venv/bin/python"),
        ("parameters", [{"name": "epochs", "flag": "--run", "default": 4}]),
    ],
)
def test_each_field_of_a_command_makes_another_digest(
    entry: EntryPoint, column: str, value: object
) -> None:
    before = digest_of(command_of(entry))
    EntryPoint.objects.update(**{column: value})
    found = waiting(entry)
    assert found.digest == digest_of(command_of(fresh(entry))) != before
    [difference] = found.differences
    assert difference.new == value


def test_whatever_a_parameter_says_but_its_help_is_part_of_the_command(entry: EntryPoint) -> None:
    values: dict[str, Any] = {
        "name": "lr",
        "flag": "--lr",
        "positional": True,
        "type": "float",
        "action": "store",
        "nargs": "+",
        "default": 0.1,
        "default_expr": "1 / 10",
        "required": True,
        "choices": [0.1],
        "secret": False,
        "fixed": True,
        "withheld": True,
        "confidence": "sure",
        "source": "train.py:3",
    }
    assert {*values, "help"} == {field.name for field in fields(Parameter)}
    digests = {digest_of(command_of(entry))}
    for name in values:
        entry.parameters = [{key: values[key] for key in values if key != name}]
        digests.add(digest_of(command_of(entry)))
    assert len(digests) == len(values) + 1
    entry.parameters = [values]
    without_help = digest_of(command_of(entry))
    entry.parameters = [{**values, "help": "learning rate"}]
    assert digest_of(command_of(entry)) == without_help


def test_what_is_no_part_of_a_command_needs_no_reading(entry: EntryPoint) -> None:
    EntryPoint.objects.update(gpus=2, timeout_s=60, overlap=True, patterns=["train*.py"])
    Experiment.objects.update(owner="jiwoo", notes="x", task_type="ppe")
    assert changed_fields(entry) == []


def test_patterns_count_where_they_choose_the_script(entry: EntryPoint) -> None:
    EntryPoint.objects.update(default_script="", patterns=["train*.py"])
    confirm(fresh(entry), how=ConfirmedBy.FORM)
    EntryPoint.objects.update(patterns=["evil*.py"])
    assert changed_fields(entry) == ["patterns"]


def test_another_spelling_of_the_same_directory_is_the_same(entry: EntryPoint, roots: Path) -> None:
    Experiment.objects.update(path="sampyo-gimhae-bct")
    assert changed_fields(entry) == []
    (roots / "link").symlink_to(roots / "sampyo-gimhae-bct")
    Experiment.objects.update(path=str(roots / "link"))
    assert changed_fields(entry) == []


def test_a_path_or_a_link_that_leads_elsewhere_is_seen(entry: EntryPoint, roots: Path) -> None:
    Experiment.objects.update(path=str(roots / "sampyo-busan-bct"))
    assert changed_fields(entry) == ["directory"]
    (roots / "link").symlink_to(roots / "sampyo-gimhae-bct")
    Experiment.objects.update(path=str(roots / "link"))
    assert changed_fields(entry) == []
    (roots / "link").unlink()
    (roots / "link").symlink_to(roots / "sampyo-busan-bct")
    assert changed_fields(entry) == ["directory"]


def test_an_entry_point_that_was_never_read_waits_with_all_that_it_says(entry: EntryPoint) -> None:
    Confirmation.objects.all().delete()
    found = waiting(entry)
    assert found.confirmed is None
    assert set(changed_fields(entry)) == {"directory", "default", "args_template"}


def test_a_value_that_is_put_back_needs_no_reading(entry: EntryPoint) -> None:
    EntryPoint.objects.update(args_template="--epochs 1")
    assert changed_fields(entry) == ["args_template"]
    EntryPoint.objects.update(args_template="--epochs {epochs}")
    assert changed_fields(entry) == []


def test_looking_at_many_takes_as_many_queries_as_at_one(
    roots: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        experiment = make_experiment(f"bct-{number}", path=str(roots / "sampyo-gimhae-bct"))
        make_entry_point(experiment, confirmed=bool(number % 2))
    entries = list(EntryPoint.objects.select_related("experiment"))
    with django_assert_num_queries(2):
        assert len(all_unconfirmed(entries)) == 10


# What a scan drafts


def scanned(roots: Path) -> EntryPoint:
    store(scan([roots]))
    return EntryPoint.objects.select_related("experiment").get(
        experiment__name="sampyo-gimhae-bct", type="train"
    )


def test_what_a_scan_drafted_counts_as_read(roots: Path) -> None:
    entry = scanned(roots)
    assert changed_fields(entry) == []
    assert entry.confirmation.how == ConfirmedBy.SCAN


def test_what_a_later_scan_drafts_does_too(roots: Path) -> None:
    entry = scanned(roots)
    script = roots / "sampyo-gimhae-bct" / "train.py"
    script.write_text(ARGPARSE.replace("--epochs", "--rounds"))
    assert "rounds" in scanned(roots).args_template
    assert changed_fields(entry) == []


def test_a_scan_confirms_nothing_that_a_pm_left_waiting(roots: Path) -> None:
    entry = scanned(roots)
    jiwoo = make_member("PM", "jiwoo")
    save_page(jiwoo, entry, {"interpreter": ".venv/bin/python"})
    (roots / "sampyo-gimhae-bct" / "train.py").write_text(ARGPARSE.replace("epochs", "rounds"))
    scanned(roots)
    assert changed_fields(entry) == ["interpreter"]


def test_handing_a_value_back_to_the_scans_does_not_confirm_it(roots: Path) -> None:
    entry = scanned(roots)
    jiwoo = make_member("PM", "jiwoo")
    save_page(jiwoo, entry, {"args_template": "--epochs 99"})
    assert provenance.hand_back(entry.experiment, "entry_points.train.args_template", by=jiwoo)
    assert changed_fields(entry) == ["args_template"]


# What people save


def test_what_a_pm_saves_waits_and_says_who_and_when(entry: EntryPoint) -> None:
    save_page(make_member("PM", "jiwoo"), entry, {"args_template": "--epochs 99"})
    found = waiting(entry)
    assert changed_fields(entry) == ["args_template"]
    assert (found.differences[0].old, found.differences[0].new) == (
        "--epochs {epochs}",
        "--epochs 99",
    )
    assert found.changed_by == "jiwoo"
    assert found.changed_at is not None


def test_what_a_user_saves_who_may_run_scripts_is_read_at_once(entry: EntryPoint) -> None:
    save_page(make_member("Administrator", "minsu"), entry, {"args_template": "--epochs 99"})
    assert changed_fields(entry) == []
    row = Confirmation.objects.get()
    assert (row.how, row.by.username if row.by else "") == (ConfirmedBy.SAVE, "minsu")
    assert row.digest == digest_of(command_of(fresh(entry)))


def test_saving_something_else_does_not_read_what_a_pm_left_waiting(entry: EntryPoint) -> None:
    save_page(make_member("PM", "jiwoo"), entry, {"args_template": "--epochs 99"})
    minsu = make_member("Administrator", "minsu")
    save_page(minsu, entry, {"timeout_s": "60"})
    assert changed_fields(entry) == ["args_template"]
    save_page(minsu, entry, {"interpreter": ".venv/bin/python"})
    assert changed_fields(entry) == ["args_template"]


def test_a_new_experiment_of_a_user_who_may_run_scripts_needs_no_reading(
    client: Client, roots: Path
) -> None:
    client.force_login(make_member("Administrator", "minsu"))
    page = "/admin/registry_app/experiment/add/"
    data = experiment_form(client, page) | {
        "name": "bct",
        "path": str(roots / "sampyo-gimhae-bct"),
        "entry_points-TOTAL_FORMS": "1",
        "entry_points-0-type": "train",
        "entry_points-0-default_script": "train.py",
    }
    assert client.post(page, data).status_code == 302
    assert changed_fields(EntryPoint.objects.get()) == []


def test_the_page_of_an_experiment_says_what_waits_and_since_when(
    client: Client, entry: EntryPoint
) -> None:
    save_page(make_member("PM", "jiwoo"), entry, {"args_template": "--epochs 99"})
    client.force_login(make_member("Viewer"))
    page = f"/admin/registry_app/experiment/{entry.experiment_id}/"
    text = client.get(page).text
    assert "the command was changed since an engineer confirmed it" in text
    assert "Last change: jiwoo" in text
    confirm(fresh(entry), how=ConfirmedBy.FORM)
    assert "since an engineer confirmed it" not in client.get(page).text


# What a command line says


def test_a_file_imported_by_a_command_counts_as_read(entry: EntryPoint, tmp_path: Path) -> None:
    file = tmp_path / "experiments.yaml"
    file.write_text(
        f"experiments:\n  {entry.experiment.name}:\n    path: {entry.experiment.path}\n"
        "    entry_points:\n      train:\n        args_template: --epochs 99\n"
        "        interpreter: /usr/bin/python3\n"
    )
    call_command("import_registry", str(file))
    assert fresh(entry).args_template == "--epochs 99"
    assert changed_fields(entry) == []
    assert Confirmation.objects.get().how == ConfirmedBy.COMMAND


# The upgrade


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_what_is_there_at_an_upgrade_counts_as_read_and_later_changes_do_not(
    entry: EntryPoint, roots: Path
) -> None:
    EntryPoint.objects.update(
        parameters=[{"name": "lr", "default": 1, "help": "learning rate"}],
        interpreter="/usr/bin/python3",
        patterns=["train*.py"],
    )
    go_back_to(("registry_app", "0008_confirm_commands"))
    Confirmation.objects.all().delete()
    call_command("migrate", verbosity=0)
    row = Confirmation.objects.get()
    assert (row.how, row.digest) == (ConfirmedBy.UPGRADE, "")
    assert changed_fields(entry) == []
    Experiment.objects.update(path=str(roots / "sampyo-busan-bct"))
    EntryPoint.objects.update(interpreter=".venv/bin/python")
    assert changed_fields(entry) == ["directory", "interpreter"]


def test_a_script_that_is_a_link_waits_where_its_target_changes(
    entry: EntryPoint, roots: Path
) -> None:
    link = Path(entry.experiment.path, entry.default_script)
    (roots / "shared").mkdir()
    for name in ("a.py", "b.py"):
        (roots / "shared" / name).write_text("", encoding="utf-8")
    link.unlink(missing_ok=True)
    link.symlink_to(roots / "shared/a.py")
    confirmation.confirm(entry, how=ConfirmedBy.FORM)
    assert changed_fields(entry) == []
    link.unlink()
    link.symlink_to(roots / "shared/b.py")
    waiting = confirmation.unconfirmed(entry)
    assert waiting is not None
    (difference,) = waiting.differences
    assert str(difference.old).endswith("shared/a.py")
    assert str(difference.new).endswith("shared/b.py")


def test_a_user_who_goes_leaves_what_was_confirmed(entry: EntryPoint) -> None:
    minsu = make_member("Engineer", "minsu")
    confirmation.confirm(entry, how=ConfirmedBy.FORM, by=minsu)
    User.objects.filter(pk=minsu.pk).delete()
    assert Confirmation.objects.get().by is None
    assert changed_fields(entry) == []

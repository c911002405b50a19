"""A change set is undone completely, or refused with a reason."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry_app.changes.apply import apply_plan
from registry_app.changes.change_sets import change_set
from registry_app.changes.planning import make_plan
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.document.reader import dump, load
from registry_app.exceptions import RegistryError
from registry_app.fields import completeness
from registry_app.fields.rows import document_from_rows
from registry_app.messages import plain
from registry_app.models import ChangeSet, Customer, EntryPoint, Experiment, FieldProvenance, Zone
from runs_app.choices import RunStatus
from tests.factories import (
    make_entry_point,
    make_experiment,
    make_member,
    make_run,
    make_user,
    make_zone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def minsu() -> User:
    return make_user()


def imported(text: str, by: User | None = None) -> ChangeSet:
    document = load(text.replace("ROOT", str(settings.GUARDIANFLOW_ROOTS[0])).encode())
    made = apply_plan(
        make_plan(document), origin=ChangeOrigin.IMPORT, by=by, summary=plain("a.yaml")
    )
    assert made is not None
    return made


A_FILE = """\
experiments:
  lotte-fall:
    path: ROOT/lotte-fall
    site: {customer: lotte, region: ulsan, plant: p1, zone: yard}
    task: {type: fall, classes: [person]}
    entry_points:
      train: {default: train.py}
"""


def now() -> str:
    return dump(document_from_rows())


def test_rows_that_an_import_made_go_again(minsu: User) -> None:
    made = imported(A_FILE)
    undoing = undo(made, by=minsu)
    assert not Experiment.objects.exists()
    assert not Customer.objects.exists()
    assert not Zone.objects.exists()
    assert undoing.origin == ChangeOrigin.ADMIN
    assert undoing.by == minsu
    assert f"change set {made.pk}" in str(undoing.summary)
    assert "a.yaml" in str(undoing.summary)


def test_changed_rows_have_their_old_values_again(minsu: User) -> None:
    imported(A_FILE)
    before = now()
    made = imported(
        A_FILE.replace("ulsan", "busan").replace("[person]", "[]").replace("train.py", "train2.py")
    )
    assert now() != before
    undo(made, by=minsu)
    assert now() == before


def test_an_undone_field_counts_as_decided_by_the_person(minsu: User) -> None:
    imported(A_FILE)
    made = imported(A_FILE.replace("ulsan", "busan").replace("train.py", "train2.py"))
    undo(made, by=minsu)
    curated = FieldProvenance.objects.filter(source=FieldSource.CURATED)
    assert {row.field for row in curated} == {"site.region", "entry_points.train.default"}
    assert {row.by for row in curated} == {minsu}


def test_completeness_follows(minsu: User) -> None:
    imported(A_FILE)
    assert Experiment.objects.get().completeness == 100
    undo(imported(A_FILE.replace("[person]", "[]")), by=minsu)
    assert Experiment.objects.get().completeness == 100
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        entry_point = EntryPoint.objects.get()
        entry_point.default_script = ""
        entry_point.save()
        completeness.refresh(entry_point.experiment)
    assert Experiment.objects.get().completeness < 100
    undo(made, by=minsu)
    assert Experiment.objects.get().completeness == 100


def test_an_undo_can_be_undone(minsu: User) -> None:
    made = imported(A_FILE)
    after = now()
    undo(undo(made, by=minsu), by=minsu)
    assert now() == after


def test_a_deleted_experiment_comes_back_with_its_entry_points(minsu: User) -> None:
    experiment = make_experiment(notes="한글")
    make_entry_point(experiment, patterns=["train*.py"])
    before = now()
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        experiment.delete()
    undo(made, by=minsu)
    assert now() == before


def test_an_entry_point_that_took_the_place_of_another_makes_room(minsu: User) -> None:
    experiment = make_experiment()
    old = make_entry_point(experiment, default_script="old.py")
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        old.delete()
        make_entry_point(experiment, default_script="new.py")
    undo(made, by=minsu)
    assert EntryPoint.objects.get().default_script == "old.py"


def test_what_changed_since_then_is_named_and_nothing_is_undone(minsu: User) -> None:
    one, other = make_experiment("one"), make_experiment("other")
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        for row in (one, other):
            row.owner = "first"
            row.save()
    other.owner = "second"
    other.save()
    with pytest.raises(RegistryError, match="experiment other"):
        undo(made, by=minsu)
    assert Experiment.objects.get(name="one").owner == "first"
    assert ChangeSet.objects.count() == 1


def test_what_a_scan_computes_is_no_change(minsu: User) -> None:
    experiment = make_experiment(owner="before")
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        experiment.owner = "after"
        experiment.save()
    experiment.completeness = 50
    experiment.save()
    undo(made, by=minsu)
    assert Experiment.objects.get().owner == "before"


def test_an_entry_point_added_since_then_keeps_its_experiment(minsu: User) -> None:
    made = imported(A_FILE)
    make_entry_point(Experiment.objects.get(), "infer", "infer.py")
    with pytest.raises(RegistryError, match="lotte-fall / Infer"):
        undo(made, by=minsu)
    assert EntryPoint.objects.count() == 2


def test_an_experiment_that_was_run_stays(minsu: User) -> None:
    made = imported(A_FILE)
    make_run(Experiment.objects.get(), RunStatus.SUCCEEDED)
    with pytest.raises(RegistryError, match="run #"):
        undo(made, by=minsu)
    assert EntryPoint.objects.exists()
    assert ChangeSet.objects.count() == 1


def test_a_place_that_others_use_by_now_stays(minsu: User) -> None:
    made = imported(A_FILE)
    make_experiment("newer", zone=make_zone("lotte", "ulsan", "p1", "yard"))
    with pytest.raises(RegistryError, match="experiment newer"):
        undo(made, by=minsu)


def test_a_place_that_is_gone_cannot_be_gone_back_to(minsu: User) -> None:
    experiment = make_experiment(zone=make_zone(name="old"))
    with change_set(ChangeOrigin.ADMIN, by=minsu) as made:
        experiment.zone = make_zone(name="new")
        experiment.save()
    Zone.objects.get(name="old").delete()
    with pytest.raises(RegistryError, match="cannot have its old state"):
        undo(made, by=minsu)
    assert Experiment.objects.get().zone == make_zone(name="new")


def test_an_undone_change_set_cannot_be_undone_again(minsu: User) -> None:
    made = imported(A_FILE)
    undo(made, by=minsu)
    with pytest.raises(RegistryError, match="Changed again"):
        undo(made, by=minsu)


def test_a_change_set_of_no_rows_has_nothing_to_undo(minsu: User) -> None:
    with change_set(ChangeOrigin.SCAN) as made:
        pass
    with pytest.raises(RegistryError, match="nothing to undo"):
        undo(made, by=minsu)


def test_rows_without_an_earlier_history_are_not_guessed(minsu: User) -> None:
    experiment = make_experiment()
    Experiment.history.all().delete()
    with change_set(ChangeOrigin.ADMIN) as made:
        experiment.owner = "지우"
        experiment.save()
    with pytest.raises(RegistryError, match="was not recorded"):
        undo(made, by=minsu)


def test_a_person_undoes_an_import_in_the_browser(client: Client) -> None:
    made = imported(A_FILE)
    client.force_login(make_member("PM", "jiwoo"))
    answer = client.post(reverse("admin:registry_app_changeset_undo", args=[made.pk]))
    undoing = ChangeSet.objects.latest("pk")
    assert answer["Location"] == reverse("admin:registry_app_changeset_change", args=[undoing.pk])
    assert "lotte-fall" in client.get(answer["Location"]).text
    assert not Experiment.objects.exists()


@pytest.mark.proof
def test_a_large_import_is_undone_in_few_statements() -> None:
    """Every statement keeps all others who want to write waiting."""

    def a_large_file(owner: str) -> str:
        rows = [
            f"  e{n}: {{path: ROOT/e{n}, owner: {owner}, "
            f"site: {{customer: lotte, zone: z{n % 9}}}, "
            f"entry_points: {{train: {{default: train.py}}}}}}"
            for n in range(250)
        ]
        return "\n".join(["experiments:", *rows])

    def statements_of_undoing(made: ChangeSet) -> int:
        with CaptureQueriesContext(connection) as seen:
            undo(made, by=None)
        return len(seen)

    news = imported(a_large_file("minsu"))
    before = now()
    update = imported(a_large_file("jiwoo"))
    assert statements_of_undoing(update) < 100
    assert now() == before
    # One statement for the history of each row that goes, and few beside.
    assert statements_of_undoing(news) < 700
    assert not Experiment.objects.exists()

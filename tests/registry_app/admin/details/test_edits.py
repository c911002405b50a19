"""Edits of an experiment and its entry points, one entry of the timeline for each change set."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.admin.details.edits import edits_of
from registry_app.admin.details.events import Event, merged, moment_of
from registry_app.changes.change_sets import change_set
from registry_app.changes.undo import undo
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.models import EntryPoint, Experiment, OriginChange, Zone
from tests.factories import make_entry_point, make_experiment, make_user, make_zone

pytestmark = pytest.mark.django_db
PARTS = ((EntryPoint, "experiment_id"),)


def events_of(experiment: Experiment, before: str = "") -> list[Event]:
    source = edits_of(Experiment, experiment.pk, PARTS)
    return list(merged([source], moment_of(before)).events)


def changes_of(event: Event) -> list[tuple[str, str, str]]:
    return [(change.label, change.old, change.new) for change in event.changes]


def test_one_save_of_a_form_is_one_entry_with_the_entry_points_in_it() -> None:
    jiwoo = make_user("jiwoo")
    bct = make_experiment()
    train = make_entry_point(bct)
    with change_set(ChangeOrigin.ADMIN, by=jiwoo) as made:
        bct.owner = "Doyun"
        bct.save()
        train.default_script = "train_v2.py"
        train.save()
    newest = events_of(bct)[0]
    assert (newest.by, newest.kind, newest.is_alone) == ("jiwoo", ChangeOrigin.ADMIN, True)
    assert newest.change_set == made
    assert changes_of(newest) == [
        ("Owner", "", "Doyun"),
        ("Train · Default script", "train.py", "train_v2.py"),
    ]


def test_a_scan_and_an_undo_say_so_and_are_undone_on_their_own_page() -> None:
    bct = make_experiment()
    with change_set(ChangeOrigin.SCAN) as made:
        bct.classes = ["helmet"]
        bct.save()
    undo(made, by=None)
    undone, scan, _created = events_of(bct)
    assert (scan.title, scan.is_alone) == ("Scan", False)
    assert undone.title == f"Undone: change set {made.pk}"
    assert changes_of(undone) == [("Classes", "helmet", "")]


def test_a_removed_entry_point_is_named() -> None:
    bct = make_experiment()
    train = make_entry_point(bct)
    with change_set(ChangeOrigin.ADMIN):
        train.delete()
    assert changes_of(events_of(bct)[0]) == [("Train", "", "Deleted")]


def test_confirmed_guesses_are_an_entry_although_no_value_changed() -> None:
    bct = make_experiment(classes=["helmet"])
    with change_set(ChangeOrigin.REVIEW) as made:
        OriginChange.objects.create(
            change_set=made,
            experiment=bct,
            field="task.classes",
            value=["helmet"],
            source=FieldSource.SCANNED,
        )
    newest = events_of(bct)[0]
    assert (newest.title, newest.change_set) == ("Review of guesses", made)
    assert changes_of(newest) == [("Classes", "", "helmet")]


def test_places_that_are_gone_keep_their_names_and_cost_no_query_each() -> None:
    bct = make_experiment()

    def move(count: int) -> None:
        for number in range(count):
            before = bct.zone
            with change_set(ChangeOrigin.ADMIN):
                bct.zone = make_zone("hanil", f"danyang{number}", "plant1", f"kiln{number}")
                bct.save()
                assert before is not None
                Zone.objects.filter(pk=before.pk).delete()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            newest = events_of(bct)[0]
        label, old, new = changes_of(newest)[0]
        assert label == "Zone"
        assert "deleted" not in old + new
        return len(captured)

    move(2)
    few = queries()
    move(8)
    assert queries() == few


def test_hundreds_of_versions_are_read_in_parts() -> None:
    bct = make_experiment()
    train = make_entry_point(bct)
    for number in range(70):
        train.timeout_s = number + 1
        train.save()
    source = edits_of(Experiment, bct.pk, PARTS)
    timeline, seen = merged([source], None), []
    while True:
        seen += [event.changes[0].new for event in timeline.events if event.changes]
        if not timeline.older:
            break
        timeline = merged([source], moment_of(timeline.older))
    assert seen[:70] == [str(number) for number in range(70, 0, -1)]

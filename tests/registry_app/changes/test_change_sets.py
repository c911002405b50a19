"""Every history row refers to its change set."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.changes.change_sets import change_set, name_of
from registry_app.choices import ChangeOrigin
from registry_app.messages import plain
from registry_app.models import ChangeSet, EntryPoint, Experiment
from tests.factories import make_entry_point, make_experiment, make_user

pytestmark = pytest.mark.django_db
EXPERIMENTS: Any = Experiment.history
ENTRY_POINTS: Any = EntryPoint.history


def test_all_rows_saved_inside_belong_to_it_and_to_its_person() -> None:
    jiwoo = make_user("jiwoo")
    with change_set(ChangeOrigin.IMPORT, by=jiwoo, summary=plain("a.yaml")) as made:
        make_entry_point(make_experiment())
    for row in (EXPERIMENTS.get(), ENTRY_POINTS.get()):
        assert row.change_set == made
        assert row.history_user == jiwoo


def test_rows_saved_outside_belong_to_none() -> None:
    with change_set(ChangeOrigin.SCAN):
        pass
    make_experiment()
    assert EXPERIMENTS.get().change_set is None


def test_a_change_set_inside_another_ends_with_its_block() -> None:
    with change_set(ChangeOrigin.ADMIN) as outer:
        make_experiment("a")
        with change_set(ChangeOrigin.IMPORT) as inner:
            make_experiment("b")
        make_experiment("c")
    assert {row.name: row.change_set for row in EXPERIMENTS.all()} == {
        "a": outer,
        "b": inner,
        "c": outer,
    }


def test_what_fails_leaves_neither_rows_nor_change_set() -> None:
    def half_way() -> None:
        with change_set(ChangeOrigin.ADMIN):
            make_experiment()
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half_way()
    assert not Experiment.objects.exists()
    assert not ChangeSet.objects.exists()
    make_experiment()
    assert EXPERIMENTS.get().change_set is None


def test_a_long_summary_is_cut() -> None:
    with change_set(ChangeOrigin.ADMIN, summary=plain("x" * 9000)) as made:
        pass
    made.refresh_from_db()
    assert len(str(made.summary)) == 4000


def test_deleting_is_written_down_too() -> None:
    experiment = make_experiment()
    make_entry_point(experiment)
    with change_set(ChangeOrigin.ADMIN) as made:
        experiment.delete()
    kinds = [row.history_type for row in EXPERIMENTS.filter(change_set=made)]
    kinds += [row.history_type for row in ENTRY_POINTS.filter(change_set=made)]
    assert kinds == ["-", "-"]


def test_a_row_whose_parents_are_gone_is_named_as_before() -> None:
    experiment = make_experiment()
    name = str(make_entry_point(experiment))
    experiment.delete()
    assert name_of(ENTRY_POINTS.latest("history_id").instance) == name


def test_history_keeps_rows_whose_change_set_was_deleted() -> None:
    with change_set(ChangeOrigin.ADMIN) as made:
        make_experiment()
    made.delete()
    assert EXPERIMENTS.get().change_set is None

"""A history in MLflow stays one, whatever is corrected in the registry."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from registry_app.models import Experiment
from runs_app.models import MlflowExperiment, Run
from runs_app.tracking import outbox, store
from tests.factories import make_zone
from tests.runs_app.conftest import Home
from tests.runs_app.driving import run_to_end

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.processes,
    pytest.mark.mlflow,
    pytest.mark.usefixtures("mlflow"),
]

QUICK = "print('done')\n"


def sent(experiment: Experiment) -> Run:
    run = run_to_end(experiment)
    assert outbox.send(run.pk)
    run.refresh_from_db()
    return run


def move(experiment: Experiment, zone: str) -> Experiment:
    """Correct the zone, as a person does."""
    experiment.zone = make_zone(name=zone)
    experiment.save()
    return Experiment.objects.get(pk=experiment.pk)


def place(name: str, zone: str, home: Home) -> Experiment:
    return move(home.experiment(name, script=QUICK), zone)


def named(name: str) -> str:
    """The id of an MLflow experiment of this name, '' where there is none."""
    found = store.client().get_experiment_by_name(name)
    return found.experiment_id if found else ""


def test_a_corrected_zone_renames_the_experiment_and_splits_nothing(home: Home) -> None:
    bct = place("alone", "mixr", home)
    first = sent(bct)
    tags = store.client().get_experiment(first.mlflow_experiment_id).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    assert tags["guardianflow.zone"] == "mixr"

    second = sent(move(bct, "mixer-a"))
    assert second.mlflow_experiment_id == first.mlflow_experiment_id
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.mixer-a.bct"
    assert named("sampyo.gimhae.plant1.mixr.bct") == ""
    assert named(second.mlflow_experiment) == first.mlflow_experiment_id
    first.refresh_from_db()
    assert first.mlflow_experiment == second.mlflow_experiment
    tags = store.client().get_experiment(first.mlflow_experiment_id).tags
    assert tags["guardianflow.zone"] == "mixer-a"


def test_a_run_that_is_sent_late_brings_no_old_name_back(home: Home) -> None:
    bct = place("late", "one-late", home)
    sent(bct)
    late = run_to_end(bct)
    moved = move(bct, "two-late")
    sent(moved)
    assert outbox.send(late.pk)
    late.refresh_from_db()
    assert late.mlflow_experiment == "sampyo.gimhae.plant1.two-late.bct"
    assert named("sampyo.gimhae.plant1.one-late.bct") == ""


def test_an_experiment_that_two_directories_share_keeps_its_name(home: Home) -> None:
    north, south = place("north", "shared", home), place("south", "shared", home)
    first, other = sent(north), sent(south)
    assert first.mlflow_experiment_id == other.mlflow_experiment_id

    second = sent(move(north, "shared-north"))
    assert second.mlflow_experiment_id == first.mlflow_experiment_id
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.shared.bct"
    assert named("sampyo.gimhae.plant1.shared-north.bct") == ""


def test_runs_of_others_keep_a_name_as_it_is(home: Home) -> None:
    bct = place("strangers", "with-strangers", home)
    first = sent(bct)
    store.client().create_run(first.mlflow_experiment_id)  # of a person's own script
    second = sent(move(bct, "without-strangers"))
    assert second.mlflow_experiment_id == first.mlflow_experiment_id
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.with-strangers.bct"


@pytest.mark.proof
def test_a_name_that_is_taken_is_left_to_its_owner(home: Home) -> None:
    bct = place("second", "free", home)
    first = sent(bct)
    taken = store.client().create_experiment("sampyo.gimhae.plant1.taken.bct")
    second = sent(move(bct, "taken"))
    assert second.mlflow_experiment_id == first.mlflow_experiment_id != taken
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.free.bct"


def test_a_person_may_rename_it_in_mlflow(home: Home) -> None:
    bct = place("renamed", "by-hand", home)
    first = sent(bct)
    store.client().rename_experiment(first.mlflow_experiment_id, "our best one")
    second = sent(bct)
    assert second.mlflow_experiment_id == first.mlflow_experiment_id
    assert second.mlflow_experiment == "our best one"


def test_an_id_of_another_store_is_not_believed(home: Home) -> None:
    bct = place("moved", "other-store", home)
    first = sent(bct)
    # What has this id in the new store was made at another time.
    MlflowExperiment.objects.filter(experiment=bct).update(created_ms=1)
    Run.objects.update(mlflow_run_id="")
    store.client().rename_experiment(first.mlflow_experiment_id, "somebody else's")
    second = sent(bct)
    assert second.mlflow_experiment_id != first.mlflow_experiment_id
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.other-store.bct"


@pytest.mark.proof
def test_an_upgrade_keeps_the_ids_and_renames_nothing(home: Home) -> None:
    bct = place("upgraded", "before", home)
    first = sent(bct)
    MlflowExperiment.objects.all().delete()
    moved = move(bct, "after")
    fill = importlib.import_module("runs_app.migrations.0014_fill_mlflow_experiments").fill
    fill(apps, SimpleNamespace(connection=connection))
    assert MlflowExperiment.objects.get(experiment=bct).mlflow_id == first.mlflow_experiment_id

    second = sent(moved)
    assert second.mlflow_experiment_id == first.mlflow_experiment_id
    assert second.mlflow_experiment == "sampyo.gimhae.plant1.before.bct"
    third = sent(move(bct, "corrected"))  # what is corrected from now on is followed
    assert third.mlflow_experiment == "sampyo.gimhae.plant1.corrected.bct"

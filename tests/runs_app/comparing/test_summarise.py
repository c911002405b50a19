"""A run's summary, the best of its kind, and what lets both be computed again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from registry_app.changes import change_sets
from registry_app.models import Experiment
from runs_app.choices import Direction, RunStatus
from runs_app.comparing import background, basis
from runs_app.comparing.best import renew_best
from runs_app.comparing.standing import (
    beside,
    best_run,
    best_runs,
    earlier_runs,
    last_good_run,
    previous_run,
)
from runs_app.comparing.summarise import summarise
from runs_app.lifecycle import due, reconcile, retention
from runs_app.models import MainMetric, Parity, ParityRun, Run
from runs_app.overview.run_ids import with_run_ids
from runs_app.queue import hosts
from tests.factories import make_experiment, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
HOST = "gpu1"
UP = "metrics/mAP50(B)"


@pytest.fixture(autouse=True)
def at_home(home: Home) -> None:
    pass


@pytest.fixture
def experiment() -> Experiment:
    return make_experiment("sampyo-gimhae-ppe", task_type="ppe", classes=["helmet"])


def ended(experiment: Experiment, value: float | str = 0.9, **fields: Any) -> Run:
    """A run that left one metric, and that nothing has summarised."""
    run = make_run(experiment, fields.pop("status", RunStatus.SUCCEEDED), summarised=0, **fields)
    run.folder.mkdir(parents=True)
    metric: dict[str, Any] = {"last": value, "min": value, "max": value, "points": 1, "seen": 1}
    metric |= {"file": "results.csv", "bad_step": None, "points_before": 0, "mlflow_key": "m"}
    loss = metric | {"last": 0.5, "min": 0.25, "max": "NaN"}
    kept = {"format": 1, "sources": [], "metrics": {"val/loss": loss, UP: metric}}
    (run.folder / "results.json").write_text(json.dumps(kept))
    return run


def best_of(experiment: Experiment) -> set[int]:
    return set(experiment.runs.filter(is_best=True).values_list("pk", flat=True))


def test_what_lists_show_is_stored_at_the_end(experiment: Experiment) -> None:
    first = ended(experiment, params={"epochs": 40, "data": "ppe_v3"})
    run = ended(experiment, 0.931, params={"epochs": 80, "data": "ppe_v3"})
    summarise(run)
    run.refresh_from_db()
    assert (run.main_metric, run.main_value, run.is_summarised) == (UP, 0.931, True)
    assert run.changed_params == {"epochs": {"before": "40", "now": "80"}}
    assert run.data_key == "ppe_v3"
    assert run.classes_key
    assert run.duration_s == pytest.approx(0, abs=60)
    loss, box = run.metrics.all()
    assert (loss.name, loss.last, loss.best, loss.lowest, loss.highest) == (
        "val/loss",
        0.5,
        0.25,
        0.25,
        None,
    )
    assert (box.best, box.points) == (0.931, 1)
    assert [(parameter.name, parameter.number) for parameter in run.parameters.all()] == [
        ("epochs", 80),
        ("data", None),
    ]
    first.refresh_from_db()
    assert not first.is_summarised


def test_a_value_that_is_no_number_is_never_the_best(experiment: Experiment) -> None:
    for value in ("NaN", "Infinity"):
        run = ended(experiment, value)
        summarise(run)
        renew_best(experiment)
        run.refresh_from_db()
        assert (run.main_metric, run.main_value, run.is_best) == (UP, None, False)


def test_a_run_that_goes_on_or_never_started_has_no_summary(experiment: Experiment) -> None:
    going = make_run(experiment, RunStatus.RUNNING)
    summarise(going)
    going.refresh_from_db()
    assert (going.summarised, going.is_summarised) == (0, False)
    never = make_run(experiment, RunStatus.CANCELLED, started_at=None, summarised=0)
    assert never.is_summarised
    assert not background.waiting(HOST).exists()


def test_best_is_best_among_comparable_runs(experiment: Experiment) -> None:
    good = ended(experiment, 0.9, params={"data": "v1"})
    better = ended(experiment, 0.93, params={"data": "v1"})
    ended(experiment, 0.93, params={"data": "v1"})  # equal, and later
    ended(experiment, 0.99, params={"data": "v1"}, status=RunStatus.FAILED)
    ended(experiment, 0.98, params={"data": "v1"}, is_marked=True)
    evaluated = ended(experiment, 0.95, params={"data": "v1"}, type="eval")
    other_data = ended(experiment, 0.8, params={"data": "v2"})
    unknown = ended(experiment, 0.7)
    assert background.run_waiting(HOST) == 8
    assert best_of(experiment) == {better.pk, evaluated.pk, other_data.pk, unknown.pk}
    # The last good run has other data, so the best of that data answers.
    assert best_run(experiment, "train") == unknown
    assert last_good_run(experiment, "train") == unknown
    standing = best_runs([experiment.pk])
    assert standing == {(experiment.pk, "train"): unknown, (experiment.pk, "eval"): evaluated}
    better.refresh_from_db()
    assert list(earlier_runs(better)) == [good]
    assert previous_run(better) == good


def test_runs_of_a_parity_comparison_are_neither_the_last_good_nor_the_previous(
    experiment: Experiment,
) -> None:
    own = ended(experiment, 0.9, params={"data": "v1"})
    control = ended(experiment, 0.5, params={"data": "v1"}, is_marked=True)
    parity = Parity.objects.create(experiment=experiment, type="train", rule_version=1)
    ParityRun.objects.create(parity=parity, role="control", number=0, run=control)
    after = ended(experiment, 0.8, params={"data": "v1"})
    background.run_waiting(HOST)
    after.refresh_from_db()
    assert previous_run(after) == own
    assert list(earlier_runs(after)) == [own]
    assert beside(after, most=5).good == own
    Run.objects.filter(pk=after.pk).delete()
    assert last_good_run(experiment, "train") == own
    row = with_run_ids(Experiment.objects.filter(pk=experiment.pk)).get()
    assert (row.good_train, row.ended_run) == (own.pk, own.pk)  # type: ignore[attr-defined]


def test_lower_is_better_where_the_table_says_so(experiment: Experiment) -> None:
    MainMetric.objects.filter(task_type="ppe").update(names=[UP], direction=Direction.DOWN)
    low = ended(experiment, 0.1)
    ended(experiment, 0.9)
    background.run_waiting(HOST)
    assert best_of(experiment) == {low.pk}
    low.refresh_from_db()
    assert low.metrics.get(name=UP).best == 0.1


def test_a_changed_table_lets_runs_be_summarised_again(
    experiment: Experiment, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    hosts.beat(HOST)
    run = ended(experiment)
    background.run_waiting(HOST)
    assert not (due.look(HOST) or due.Due()).renew
    with django_capture_on_commit_callbacks(execute=True):
        row = MainMetric.objects.get(task_type="ppe")
        row.names = ["val loss"]
        row.save()
    found = due.look(HOST) or due.Due()
    assert reconcile.BackgroundJob.SUMMARISE in reconcile.background_jobs(found)
    assert background.run_waiting(HOST) == 1
    run.refresh_from_db()
    assert (run.main_metric, run.main_value, run.is_best) == ("val/loss", 0.25, True)
    assert not (due.look(HOST) or due.Due()).renew


@pytest.mark.parametrize("change", [{"task_type": "pose"}, {"classes": ["helmet", "vest"]}])
def test_a_changed_experiment_does_so_without_any_signal(
    experiment: Experiment, change: dict[str, Any]
) -> None:
    run = ended(experiment)
    background.run_waiting(HOST)
    run.refresh_from_db()
    before = run.classes_key
    for name, value in change.items():
        setattr(experiment, name, value)
    change_sets.update([experiment], list(change))
    assert basis.outdated().count() == 1
    assert basis.renew() == [experiment.pk]
    run.refresh_from_db()
    assert (run.is_summarised, run.is_best) == (False, False)
    assert background.run_waiting(HOST) == 1
    run.refresh_from_db()
    assert run.is_best
    assert (run.classes_key == before) is ("classes" not in change)


def test_a_best_run_that_is_pruned_hands_its_star_on(experiment: Experiment) -> None:
    second = ended(experiment, 0.8)
    best = ended(experiment, 0.9)
    background.run_waiting(HOST)
    best.refresh_from_db()
    retention._remove_folder(best)
    assert best_of(experiment) == {second.pk}
    # Its rows stay, and are enough to judge it again.
    MainMetric.objects.filter(task_type="ppe").update(names=["val loss"])
    basis.rule_changed()
    background.run_waiting(HOST)
    best.refresh_from_db()
    assert (best.main_metric, best.main_value) == ("val/loss", 0.25)


def test_a_best_run_that_is_deleted_hands_its_star_on(
    experiment: Experiment, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    second, best = ended(experiment, 0.8), ended(experiment, 0.9)
    background.run_waiting(HOST)
    best.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        best.delete()
    assert best_of(experiment) == {second.pk}


def test_the_background_goes_on_where_it_was(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [ended(experiment, 0.5 + number / 10) for number in range(4)]
    monkeypatch.setattr(background, "AT_ONCE", 1)

    def dies(run: Run, **options: Any) -> None:
        if run.pk == runs[1].pk:
            raise KeyboardInterrupt
        summarise(run, **options)

    with monkeypatch.context() as patched:
        patched.setattr(background, "summarise", dies)
        with pytest.raises(KeyboardInterrupt):
            background.run_waiting(HOST)
    assert background.progress() == (2, 2)
    assert best_of(experiment) == {runs[3].pk}
    assert background.run_waiting(HOST) == 2
    assert background.progress() == (4, 0)
    assert best_of(experiment) == {runs[3].pk}


def test_a_folder_that_cannot_be_read_is_not_tried_for_ever(experiment: Experiment) -> None:
    run = ended(experiment)
    (run.folder / "results.json").write_text('{"format": 1, "metrics": [], "sources": 3}')
    gone = make_run(experiment, RunStatus.SUCCEEDED, summarised=0)
    assert background.run_waiting(HOST) == 2
    for item in (run, gone):
        item.refresh_from_db()
        assert (item.is_summarised, item.main_metric) == (True, "")


def test_nothing_is_judged_while_the_disk_of_run_folders_is_away(
    experiment: Experiment, settings: Settings
) -> None:
    ended(experiment)
    settings.RUNS_DIR = settings.RUNS_DIR / "not-mounted"
    assert background.run_waiting(HOST) == 0
    assert background.progress() == (0, 1)


def test_runs_of_an_archived_experiment_are_summarised_too(experiment: Experiment) -> None:
    run = ended(experiment)
    Experiment.everything.filter(pk=experiment.pk).update(archived_at=timezone.now())
    assert background.run_waiting(HOST) == 1
    Experiment.everything.filter(pk=experiment.pk).update(task_type="pose")
    assert background.run_waiting(HOST) == 1
    run.refresh_from_db()
    assert run.is_best

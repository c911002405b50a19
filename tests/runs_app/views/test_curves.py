"""The curves of runs as the browser gets them, and the page that draws them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from registry_app.models import FactSheet
from runs_app.choices import RunStatus
from runs_app.models import Run
from runs_app.views import curves as view
from tests.factories import (
    make_directory,
    make_experiment,
    make_member,
    make_run,
    make_user,
)
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/runs_app/run/curves/"


def measured(run: Run, *names: str, epochs: int = 3, file: str = "metrics.jsonl") -> Run:
    """Let a run have values of some metrics, one each second from its start."""
    began = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(started_at=began)
    run.refresh_from_db()
    run.folder.mkdir(parents=True, exist_ok=True)
    with (run.folder / file).open("w", encoding="utf-8") as lines:
        for name in names:
            for step in range(1, epochs + 1):
                moment_ms = round(began.timestamp() * 1000) + step * 60_000
                row = {"key": name, "value": step / 10, "step": step, "timestamp_ms": moment_ms}
                lines.write(f"{json.dumps(row)}\n")
    return run


def asked(client: Client, *runs: Run) -> list[dict[str, Any]]:
    answer = client.get(ADDRESS, {"id": [run.pk for run in runs]})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["runs"]
    return found


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_member("Viewer"))
    return client


@pytest.fixture
def helmet(home: Home) -> Run:
    run = make_run(make_experiment(task_type="ppe"), RunStatus.SUCCEEDED)
    return measured(run, "lr/pg0", "val/box_loss", "metrics/mAP50(B)")


def test_main_metric_is_first_and_rates_of_learning_are_last(viewer: Client, helmet: Run) -> None:
    [run] = asked(viewer, helmet)
    assert [curve["name"] for curve in run["curves"]] == [
        "metrics/mAP50(B)",
        "val/box_loss",
        "lr/pg0",
    ]
    main, loss, _rate = run["curves"]
    assert (main["steps"], main["values"], main["short"]) == (
        [1, 2, 3],
        [0.1, 0.2, 0.3],
        "mAP50(B)",
    )
    assert main["minutes"] == [1.0, 2.0, 3.0]
    assert (main["isLower"], loss["isLower"]) == (False, True)


def test_curves_of_two_runs_belong_together_by_their_key(viewer: Client, home: Home) -> None:
    experiment = make_experiment()
    one = measured(make_run(experiment, RunStatus.SUCCEEDED), "metrics/mAP@0.5")
    other = measured(make_run(experiment, RunStatus.SUCCEEDED), "val/mAP_0.5", "mAP_0.5")
    first, second = asked(viewer, one, other)
    assert first["curves"][0]["key"] == second["curves"][0]["key"]
    keys = [curve["key"] for curve in second["curves"]]
    assert len(keys) == len(set(keys))


def test_values_that_json_has_no_word_for_are_missing(viewer: Client, helmet: Run) -> None:
    row = {"key": "loss", "value": float("nan"), "step": 1, "timestamp_ms": 1}
    (helmet.folder / "metrics.jsonl").write_text(json.dumps(row), encoding="utf-8")
    [run] = asked(viewer, helmet)
    assert run["curves"][0]["values"] == [None]


def test_running_script_has_curves_so_far(viewer: Client, home: Home) -> None:
    run = measured(make_run(make_experiment(), RunStatus.RUNNING), "loss", file="live.jsonl")
    [found] = asked(viewer, run)
    assert (found["isActive"], found["bytes"] > 0) == (True, True)
    assert found["curves"][0]["values"] == [0.1, 0.2, 0.3]


def test_ids_that_are_none_are_left_out(viewer: Client, helmet: Run) -> None:
    answer = viewer.get(f"{ADDRESS}?id=x&id=-1&id=99999999999999999999&id={helmet.pk}&id=777")
    assert [run["id"] for run in answer.json()["runs"]] == [helmet.pk]
    assert viewer.get(ADDRESS).json() == {"runs": [], "past": []}


def test_number_of_queries_does_not_depend_on_runs(
    viewer: Client, home: Home, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = make_experiment()
    runs = [measured(make_run(experiment, RunStatus.SUCCEEDED), "loss") for _number in range(8)]
    with django_assert_num_queries(5):
        assert len(asked(viewer, runs[0])) == 1
    with django_assert_num_queries(5):
        assert len(asked(viewer, *runs)) == 8


def test_page_draws_the_run_the_best_and_the_earlier_ones(viewer: Client, home: Home) -> None:
    experiment = make_experiment()
    facts = {"summarised": 1, "main_metric": "mAP50", "data_key": "data.yaml"}
    best = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.9, is_best=True, **facts)
    earlier = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.8, **facts)
    make_run(experiment, RunStatus.SUCCEEDED, **facts | {"data_key": "other.yaml"})
    run = make_run(experiment, RunStatus.SUCCEEDED, main_value=0.7, **facts)
    page = viewer.get(run.get_absolute_url())
    drawn = page.context["curves"]["data"]["runs"]
    assert [(one["id"], one["role"]) for one in drawn] == [
        (run.pk, "this"),
        (best.pk, "best"),
        (earlier.pk, "earlier"),
    ]


def test_running_one_is_drawn_beside_good_ones_with_the_same_data(
    viewer: Client, home: Home
) -> None:
    experiment = make_experiment()
    facts = {"summarised": 1, "main_metric": "mAP50"}
    good = make_run(
        experiment, RunStatus.SUCCEEDED, params={"data": "a.yaml"}, data_key="a.yaml", **facts
    )
    make_run(experiment, RunStatus.SUCCEEDED, params={"data": "b.yaml"}, data_key="b.yaml", **facts)
    run = make_run(experiment, RunStatus.RUNNING, params={"data": "a.yaml"})
    drawn = viewer.get(run.get_absolute_url()).context["curves"]["data"]
    assert [one["id"] for one in drawn["runs"]] == [run.pk, good.pk]
    assert drawn["isLive"]


def test_only_some_runs_are_answered_at_once(viewer: Client, home: Home) -> None:
    experiment = make_experiment()
    runs = [make_run(experiment, RunStatus.SUCCEEDED) for _number in range(view.MAX_RUNS + 2)]
    assert len(asked(viewer, *runs)) == view.MAX_RUNS


def test_past_results_are_drawn_for_those_who_may_see_the_experiment(
    viewer: Client, client: Client, home: Home
) -> None:
    directory = make_directory(home.roots, "ppe", {"results.csv": "epoch,loss\n1,2.0\n2,1.5\n"})
    experiment = make_experiment("ppe", path=str(directory))
    FactSheet.objects.create(experiment=experiment, past_runs=[{"path": "results.csv", "rows": 2}])
    [found] = viewer.get(ADDRESS, {"past": experiment.pk}).json()["past"]
    assert found["label"] == "results.csv"
    assert found["curves"][0]["values"] == [2.0, 1.5]
    person = make_user("only-runs", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_run"))
    client.force_login(person)
    assert client.get(ADDRESS, {"past": experiment.pk}).json()["past"] == []

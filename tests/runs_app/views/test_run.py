"""The page of a run, and what may be done there."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from registry_app.messages import plain
from registry_app.results import reasons as result_reasons
from registry_app.results.rows import Skipped
from runs_app.choices import MlflowState, RunStatus
from runs_app.models import Run, RunFile
from runs_app.records import results
from runs_app.runner.outputs.metric_points import Collected, MetricPoint, SourceRecord
from runs_app.texts import reasons
from runs_app.texts import results as result_texts
from tests.factories import make_experiment, make_member, make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db
EVERY_GROUP = ["Viewer", "PM", "Engineer", "Administrator"]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def run(home: Home) -> Run:
    return make_run(make_experiment(), RunStatus.QUEUED)


def page_of(client: Client, run: Run, **headers: str) -> str:
    answer = client.get(run.get_absolute_url(), headers=headers or None)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("status", RunStatus.values)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_run_in_any_state_has_a_page(
    client: Client, home: Home, status: str, language: str
) -> None:
    run = make_run(make_experiment(), RunStatus(status), reason_values={"host": "gpu1"})
    client.force_login(make_member("Viewer"))
    page = page_of(client, run, **{"accept-language": language})
    assert f'data-status="{status}"' in page


def test_time_of_queueing_is_not_called_a_state(client: Client, run: Run) -> None:
    client.force_login(make_member("Viewer"))
    assert "<dt>Queued</dt>" in page_of(client, run, **{"accept-language": "en"})
    korean = page_of(client, run, **{"accept-language": "ko"})
    assert "<dt>대기열에 넣은 때</dt>" in korean
    assert "<dt>대기 중</dt>" not in korean


def test_page_tells_the_exact_command_and_where_everything_is(client: Client, home: Home) -> None:
    run = make_run(
        make_experiment(),
        RunStatus.FAILED,
        argv=["/venv/bin/python", "train.py", "--name", "hard hat"],
        reason_values={"code": 3},
        exit_code=3,
        warnings=[["text", "train.py matches none of the patterns for infer."]],
    )
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    assert "/venv/bin/python train.py --name &#x27;hard hat&#x27;" in page
    assert "The script ended with exit status 3." in page
    assert str(run.folder) in page
    assert "matches none of the patterns" in page


def test_everything_a_script_or_person_wrote_is_text(client: Client, home: Home) -> None:
    run = make_run(
        make_experiment(HOSTILE),
        RunStatus.ERRORED,
        argv=["python", HOSTILE],
        params={HOSTILE: HOSTILE},
        extra_args=[HOSTILE],
        note=HOSTILE,
        version=HOSTILE,
        script=HOSTILE,
        warnings=[["text", HOSTILE]],
        mlflow_error=plain(HOSTILE),
        reason_code=reasons.LAUNCH_FAILED.code,
        reason_values={"error": HOSTILE},
    )
    RunFile.objects.create(
        run=run, path=HOSTILE, change="created", size_bytes=1, left_out=plain(HOSTILE)
    )
    run.folder.mkdir(parents=True)
    point = {"key": HOSTILE, "value": 1, "step": 1, "timestamp_ms": 1}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(point)}\nno json\n", encoding="utf-8")
    client.force_login(make_member("Engineer"))
    assert HOSTILE not in page_of(client, run)
    assert HOSTILE not in client.get("/admin/runs_app/run/").content.decode()


def test_metrics_are_summarised(client: Client, run: Run) -> None:
    run.folder.mkdir(parents=True)
    lines = [
        json.dumps({"key": "loss", "value": value, "step": 1, "timestamp_ms": 1})
        for value in (2.5, 0.125, 0.25)
    ]
    (run.folder / "metrics.jsonl").write_text("\n".join(lines), encoding="utf-8")
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    assert all(f'gfr-number">{text}<' in page for text in ("0.25", "0.125", "2.5", "3"))


def keep_results(run: Run, *, name: str = "loss", count: int = 1) -> None:
    """Let the run folder hold a record: metrics of a name, and a table that says nothing."""
    points = tuple(
        MetricPoint(key=f"{name}{number}", value=value, step=step, timestamp_ms=0, file=name)
        for number in range(count)
        for step, value in enumerate((0.5, math.nan))
    )
    silent = SourceRecord(
        source=f"{name}.csv",
        reason=result_texts.NOT_KEPT(),
        skipped={f"{name} eta": Skipped(count=1, reason=result_reasons.NEVER())},
    )
    run.folder.mkdir(parents=True)
    results.write(run.folder, Collected(points=points, sources=(silent,)), keys={})


def test_silence_and_divergence_are_told(client: Client, run: Run) -> None:
    keep_results(run)
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    assert "diverged: no finite number at step 1" in page
    assert "not saved, so it could not be read" in page
    assert "seen but not used: loss eta" in page
    assert "Recorded before" not in page


def test_names_in_a_record_are_text(client: Client, run: Run) -> None:
    keep_results(run, name=HOSTILE)
    client.force_login(make_member("Viewer"))
    assert HOSTILE not in page_of(client, run)


def test_of_very_many_metrics_a_page_shows_the_first(client: Client, run: Run) -> None:
    keep_results(run, count=230)
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    assert "<code>loss199</code>" in page
    assert "<code>loss200</code>" not in page
    assert "30 more are among the records of the run." in page


def test_a_run_of_an_older_version_says_that_it_was_recorded_before(
    client: Client, run: Run
) -> None:
    run.folder.mkdir(parents=True)
    point = {"key": "metrics/mAP50B", "value": 1, "step": 1, "timestamp_ms": 1}
    (run.folder / "metrics.jsonl").write_text(f"{json.dumps(point)}\n", encoding="utf-8")
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    assert "Recorded before the portal saved what it had read" in page
    assert "metrics/mAP50B" in page


def test_link_leads_to_the_run_in_mlflow(client: Client, home: Home, settings: Settings) -> None:
    settings.GUARDIANFLOW_MLFLOW_UI = "http://mlflow.example:5000"
    run = make_run(
        make_experiment(),
        RunStatus.SUCCEEDED,
        mlflow_state=MlflowState.SENT,
        mlflow_experiment_id="7",
        mlflow_run_id="abc",
    )
    client.force_login(make_member("Viewer"))
    assert "http://mlflow.example:5000/#/experiments/7/runs/abc" in page_of(client, run)


def test_queued_run_says_its_place(client: Client, run: Run) -> None:
    make_run(make_experiment("first"), priority=5)
    make_run(make_experiment("later"))
    client.force_login(make_member("Viewer"))
    assert "Place 2 in the queue" in page_of(client, run)


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_buttons_are_there_for_those_who_may_use_them(client: Client, run: Run, group: str) -> None:
    client.force_login(make_member(group))
    page = page_of(client, run)
    may_run = group in {"Engineer", "Administrator"}
    assert (f"/{run.pk}/cancel/" in page) == may_run
    assert (f"again={run.pk}" in page) == may_run


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_only_engineers_cancel(client: Client, run: Run, group: str) -> None:
    client.force_login(make_member(group))
    answer = client.post(f"/admin/runs_app/run/{run.pk}/cancel/")
    run.refresh_from_db()
    if group in {"Engineer", "Administrator"}:
        assert answer.status_code == 302
        assert (run.status, run.reason_values) == (
            RunStatus.CANCELLED,
            {"user": f"{group.lower()}-jiwoo"},
        )
    else:
        assert (answer.status_code, run.status) == (403, RunStatus.QUEUED)


def test_ended_run_is_not_cancelled_any_more(client: Client, home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    client.force_login(make_member("Engineer"))
    answer = client.post(f"/admin/runs_app/run/{run.pk}/cancel/", follow=True)
    assert "could not be cancelled any more" in answer.content.decode()
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


@pytest.mark.parametrize("verb", ["cancel", "priority"])
def test_state_changes_only_with_post_and_token(run: Run, verb: str) -> None:
    address = f"/admin/runs_app/run/{run.pk}/{verb}/"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_member("Engineer"))
    assert browser.get(address).status_code == 405
    assert browser.post(address, {"priority": 3}).status_code == 403
    run.refresh_from_db()
    assert (run.status, run.priority) == (RunStatus.QUEUED, 0)


@pytest.mark.parametrize(("text", "expected"), [("7", 7), ("-3", -3), ("999", 0), ("soon", 0)])
def test_priority_of_a_queued_run_is_changed(
    client: Client, run: Run, text: str, expected: int
) -> None:
    client.force_login(make_member("Engineer"))
    client.post(f"/admin/runs_app/run/{run.pk}/priority/", {"priority": text})
    run.refresh_from_db()
    assert run.priority == expected


def test_priority_of_a_started_run_stays(client: Client, home: Home) -> None:
    run = make_run(make_experiment(), RunStatus.RUNNING)
    client.force_login(make_member("Engineer"))
    client.post(f"/admin/runs_app/run/{run.pk}/priority/", {"priority": 7})
    run.refresh_from_db()
    assert run.priority == 0


def test_state_tells_what_changes_by_itself(client: Client, run: Run) -> None:
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_bytes(b"12345")
    client.force_login(make_member("Viewer"))
    state = client.get(f"/admin/runs_app/run/{run.pk}/state/").json()
    assert (state["status"], state["is_active"], state["place"]) == ("queued", True, 1)
    assert state["reason"] == "Waits for a worker."
    assert state["logs"]["stdout"].startswith("5")


def test_states_of_a_list_come_in_one_answer(client: Client, run: Run) -> None:
    other = make_run(make_experiment("other"), RunStatus.SUCCEEDED)
    client.force_login(make_member("Viewer"))
    answer = client.get(
        "/admin/runs_app/run/states/", {"id": [str(run.pk), str(other.pk), "x", "9" * 30]}
    )
    runs = answer.json()["runs"]
    assert {pk: one["is_active"] for pk, one in runs.items()} == {
        str(run.pk): True,
        str(other.pk): False,
    }


@pytest.mark.parametrize("number", ["999999", "nonsense", "9" * 30])
def test_run_that_is_not_there_leads_home_with_a_word(client: Client, number: str) -> None:
    client.force_login(make_member("Viewer"))
    answer = client.get(f"/admin/runs_app/run/{number}/change/", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain


def test_queueing_rings_for_a_worker_only_after_the_commit(
    client: Client,
    home: Home,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    experiment = home.experiment()
    client.force_login(make_member("Engineer"))
    sent = {
        "type": "train",
        "experiment": experiment.pk,
        f"{experiment.pk}-script": "train.py",
        f"{experiment.pk}-shown": "train.py",
        "queue": "1",
    }
    with django_capture_on_commit_callbacks() as rings:
        client.post("/admin/runs_app/run/new/", sent)
    assert len(rings) == 1


@pytest.mark.parametrize(
    ("status", "errors", "shown"),
    [
        (RunStatus.FAILED, b"FileNotFoundError\n", "stderr"),
        (RunStatus.FAILED, b"", "stdout"),
        (RunStatus.SUCCEEDED, b"a warning\n", "stdout"),
    ],
)
def test_errors_of_a_run_that_ended_badly_are_shown_first(
    client: Client, home: Home, status: RunStatus, errors: bytes, shown: str
) -> None:
    run = make_run(make_experiment(), status)
    run.folder.mkdir(parents=True)
    (run.folder / "stdout.log").write_bytes(b"looking for recordings ...\n")
    (run.folder / "stderr.log").write_bytes(errors)
    client.force_login(make_member("Viewer"))
    page = page_of(client, run)
    tab = page[page.index(f'id="tab-{shown}"') :]
    assert 'aria-selected="true"' in tab[: tab.index(">")]
    assert page.count('aria-selected="true"') == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ([], "untouched"),
        (["train.py"], "changed while it ran"),
    ],
)
def test_page_says_whether_the_source_stayed_as_it_was(
    client: Client, run: Run, changed: list[str], said: str
) -> None:
    client.force_login(make_member("Viewer"))
    Run.objects.filter(pk=run.pk).update(source_changed=changed)
    assert said in page_of(client, run)


def test_page_tells_of_small_files_and_of_uncertain_ones(client: Client, run: Run) -> None:
    client.force_login(make_member("Viewer"))
    rows: dict[str, dict[str, Any]] = {
        "small-files.tar": {"members": 2000, "kept": "small-files.tar"},
        "best.pt": {"uncertain": True, "kept": "outputs/best.pt"},
        "old.csv": {"change": "deleted"},
    }
    for name, fields in rows.items():
        values = {"change": "created", "size_bytes": 1} | fields
        RunFile.objects.create(run=run, path=name, **values)
    page = page_of(client, run)
    assert "2000 small files" in page
    assert page.count("uncertain") == 1
    assert "not kept" not in page


@pytest.mark.parametrize("status", ["queued", "running", "succeeded", "failed"])
def test_page_asks_at_most_twelve_questions(
    client: Client,
    home: Home,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    status: str,
) -> None:
    experiment = make_experiment()
    facts = {"summarised": 1, "main_metric": "mAP50", "main_value": 0.9}
    for _number in range(8):
        make_run(experiment, RunStatus.SUCCEEDED, **facts)
        make_run(experiment, RunStatus.FAILED, exit_code=1)
    own = facts if status == "succeeded" else {}
    cause = {"code": "nan", "values": {}, "line": ""} if status == "failed" else {}
    run = make_run(experiment, RunStatus(status), cause=cause, params={"lr": 0.1}, **own)
    for number in range(30):
        RunFile.objects.create(run=run, path=f"{number}.csv", change="created", size_bytes=1)
    client.force_login(make_member("Engineer"))
    page_of(client, run)
    with django_assert_max_num_queries(12):
        page_of(client, run)


def test_metric_leads_to_the_file_that_it_was_read_from(client: Client, run: Run) -> None:
    run.folder.mkdir(parents=True)
    point = {"key": "loss", "value": 1, "step": 1, "timestamp_ms": 1, "file": "results.csv"}
    (run.folder / "metrics.jsonl").write_text(json.dumps(point), encoding="utf-8")
    file = RunFile.objects.create(
        run=run, path="results.csv", change="created", size_bytes=1, kept="outputs/results.csv"
    )
    client.force_login(make_member("Viewer"))
    address = f"/admin/runs_app/run/{run.pk}/files/{file.pk}/"
    assert f'href="{address}"><code>results.csv</code>' in page_of(client, run)

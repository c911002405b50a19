"""Listing experiments and runs, and showing one."""

from __future__ import annotations

import json
import re
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from runs_app.choices import RunStatus
from runs_app.models import Run, RunFile
from runs_app.texts.causes import CUDA_OUT_OF_MEMORY
from tests.factories import make_entry_point, make_experiment, make_run, make_user, make_zone

pytestmark = pytest.mark.django_db


def run_command(*argv: str, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*argv, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def ended_run(**fields: Any) -> Run:
    run = make_run(
        make_experiment(),
        RunStatus.FAILED,
        exit_code=3,
        reason_values={"code": 3},
        queued_by=make_user("minsu"),
        version="v3",
        params={"epochs": 3},
        **fields,
    )
    RunFile.objects.create(
        run=run,
        path="weights/best.pt",
        change="created",
        size_bytes=7,
        sha256="ab" * 32,
        kept="outputs/weights/best.pt",
        artifact="outputs/weights/best.pt",
    )
    return run


class TestExperiments:
    def test_an_empty_list_says_how_to_fill_it(self) -> None:
        out, err = run_command("list_experiments")
        assert out == ""
        assert "guardianflow scan --import" in err

    def test_a_plain_table(self) -> None:
        make_run(make_experiment(completeness=100, confirmed=100), RunStatus.SUCCEEDED, pk=7)
        header, row = run_command("list_experiments")[0].splitlines()
        assert header.split() == [
            *("NAME", "SITE", "TASK", "STAGE", "COMPLETE", "CONFIRMED", "LAST", "RUN"),
        ]
        assert re.split(r"  +", row) == [
            "sampyo-gimhae-bct",
            "sampyo · gimhae · plant1 · mixer",
            "bct",
            "3",
            "100%",
            "100%",
            "#7 train succeeded",
        ]

    def test_json_has_every_field(self) -> None:
        bct = make_experiment(classes=["truck"])
        make_entry_point(bct, "infer", "infer.py")
        make_entry_point(bct, "train", "train.py", patterns=["train*.py"])
        run = make_run(bct, RunStatus.SUCCEEDED)
        [found] = json.loads(run_command("list_experiments", json=True)[0])
        last = found.pop("last_run")
        assert found == {
            "name": "sampyo-gimhae-bct",
            "path": "/nowhere/sampyo-gimhae-bct",
            "archived": None,
            "customer": "sampyo",
            "region": "gimhae",
            "plant": "plant1",
            "zone": "mixer",
            "task": "bct",
            "classes": ["truck"],
            "stage": 1,
            "completeness": 0,
            "confirmed": 0,
            "commands_read": True,
            "entry_points": {
                "train": {"default": "train.py", "patterns": ["train*.py"], "args_template": ""},
                "infer": {"default": "infer.py", "patterns": [], "args_template": ""},
            },
        }
        assert list(found["entry_points"]) == ["train", "infer"]
        assert (last["id"], last["type"], last["status"]) == (run.pk, "train", "succeeded")
        assert datetime.fromisoformat(last["queued_at"]).utcoffset() is not None

    def test_nothing_known_of_the_site_is_null(self) -> None:
        make_experiment(zone=None, task_type="")
        [found] = json.loads(run_command("list_experiments", json=True)[0])
        unknown = ("customer", "region", "plant", "zone", "task", "last_run")
        assert [found[key] for key in unknown] == [None] * 6

    @pytest.mark.parametrize(
        ("filters", "names"),
        [
            ({"customer": "Donghwa-Entec"}, ["ppe"]),
            ({"customer": "동화엔텍"}, ["ppe"]),
            ({"task": "bct"}, ["bct"]),
            ({"stage": 2}, ["ppe"]),
            ({"customer": "sampyo", "stage": 2}, []),
        ],
    )
    def test_filters(self, filters: dict[str, Any], names: list[str]) -> None:
        zone = make_zone("donghwa-entec", "busan")
        zone.site.customer.display_name = "동화엔텍"
        zone.site.customer.save()
        make_experiment("ppe", task_type="ppe", completeness=100, confirmed=100, zone=zone)
        make_experiment("bct")
        found = json.loads(run_command("list_experiments", json=True, **filters)[0])
        assert [item["name"] for item in found] == names


class TestRuns:
    def test_an_empty_list_says_how_to_start(self) -> None:
        assert "guardianflow run NAME" in run_command("list_runs")[1]

    def test_the_newest_stands_first(self) -> None:
        bct = make_experiment()
        first, second = make_run(bct), make_run(bct)
        found = json.loads(run_command("list_runs", json=True)[0])
        assert [item["id"] for item in found] == [second.pk, first.pk]

    def test_filters(self) -> None:
        bct, ppe = make_experiment("bct"), make_experiment("ppe")
        failed = make_run(bct, RunStatus.FAILED)
        make_run(bct)
        make_run(ppe, RunStatus.FAILED)
        out = run_command("list_runs", json=True, experiment="bct", status="failed")[0]
        assert [load["id"] for load in json.loads(out)] == [failed.pk]
        assert "No matching runs" in run_command("list_runs", status="lost")[1]

    @pytest.mark.parametrize(
        ("status", "fields", "why"),
        [
            (RunStatus.QUEUED, {}, "Waits for a worker."),
            (RunStatus.RUNNING, {}, ""),
            (RunStatus.SUCCEEDED, {}, ""),
            (
                RunStatus.FAILED,
                {"cause": {"code": CUDA_OUT_OF_MEMORY.code, "values": {}, "line": "CUDA error"}},
                "The memory of the GPU ran out (CUDA out of memory).",
            ),
            (RunStatus.FAILED, {}, "The script ended with exit status 3."),
            (RunStatus.LOST, {}, "The supervisor died without leaving an exit record."),
        ],
    )
    def test_the_last_column_says_why(
        self, status: RunStatus, fields: dict[str, Any], why: str
    ) -> None:
        make_run(make_experiment(), status, reason_values={"code": 3}, **fields)
        header, row = run_command("list_runs")[0].splitlines()
        assert header.split()[-1] == "WHY"
        assert row[header.index("WHY") :] == why

    def test_an_unknown_experiment_is_refused(self) -> None:
        with pytest.raises(CommandError, match="There is no experiment") as refusal:
            run_command("list_runs", experiment="bct")
        assert refusal.value.returncode == 2


class TestShow:
    def test_json_has_every_field(self) -> None:
        run = ended_run()
        shown = json.loads(run_command("show_run", str(run.pk), json=True)[0])
        assert list(shown) == [
            *("id", "experiment", "type", "version", "script", "status", "status_reason"),
            *("place", "blocked_by", "priority", "not_before", "cause", "warnings"),
            *("exit_code", "queued_by", "queued_at", "started_at", "finished_at", "host"),
            *(
                "mlflow_state",
                "argv",
                "cwd",
                "environment",
                "params",
                "given",
                "metrics",
                "results",
            ),
            *("gpus", "gpu_memory_peak_mib"),
            *("isolation", "run_dir", "mlflow_experiment", "mlflow_run_id", "mlflow_error"),
            *("source_changed", "logs_removed_at", "folder_removed_at", "inputs", "files"),
        ]
        assert shown["status_reason"] == "The script ended with exit status 3."
        assert (shown["queued_by"], shown["exit_code"]) == ("minsu", 3)
        assert shown["run_dir"] == str(run.folder)
        assert shown["files"] == [
            {
                "path": "weights/best.pt",
                "change": "created",
                "size_bytes": 7,
                "sha256": "ab" * 32,
                "artifact": "outputs/weights/best.pt",
                "left_out": None,
                "members": None,
                "uncertain": False,
            }
        ]
        for key in ("queued_at", "started_at", "finished_at"):
            assert datetime.fromisoformat(shown[key]).utcoffset() is not None

    def test_text_for_people(self) -> None:
        run = ended_run(
            argv=["python", "train.py", "--note", "two words"],
            warnings=[["text", "One warning."], ["text", "Another."]],
        )
        out = run_command("show_run", str(run.pk))[0]
        assert "python train.py --note 'two words'" in out
        assert f"/admin/runs_app/run/{run.pk}/" in out
        assert "weights/best.pt" in out
        assert re.search(r"^Warnings +One warning\.\n +Another\.$", out, re.MULTILINE)

    def test_a_number_without_a_run_is_refused(self) -> None:
        with pytest.raises(CommandError, match="There is no run 99") as refusal:
            run_command("show_run", "99")
        assert refusal.value.returncode == 2


def test_the_newest_runs_alone_where_a_limit_is_given() -> None:
    experiment = make_experiment()
    runs = [make_run(experiment, RunStatus.SUCCEEDED) for _ in range(3)]
    shown = json.loads(run_command("list_runs", limit=2, json=True)[0])
    assert [run["id"] for run in shown] == [runs[2].pk, runs[1].pk]
    assert len(json.loads(run_command("list_runs", json=True)[0])) == 3
    with pytest.raises(CommandError):
        call_command("list_runs", "--limit", "0")


def test_lists_cost_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        experiment = make_experiment(f"line-{number}")
        make_entry_point(experiment)
        make_run(experiment, RunStatus.SUCCEEDED)
    with django_assert_max_num_queries(5):
        run_command("list_experiments")
    with django_assert_max_num_queries(4):
        run_command("list_runs")

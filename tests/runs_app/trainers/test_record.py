"""What a trainer logs is the run's: once, with the header that says which class ran."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle import observing
from runs_app.records import live_metrics, results
from runs_app.runner.folder import RunFolder
from runs_app.trainers import record
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end, queue, reach, run_to_end, start
from tests.runs_app.trainers.test_gf_base import BASE
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

TRAINER = """\
import csv, dataclasses
from gf_base import BaseTrainer

class PpeTrainer(BaseTrainer):
    experiment = "sampyo-gimhae-bct"

    @dataclasses.dataclass
    class Config:
        epochs: int = 3

    def train(self):
        with open("results.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["epoch", "loss"])
            for epoch in range(self.config.epochs):
                rows.writerow([epoch, 1 / (epoch + 1)])
                self.log_metric("loss", 1 / (epoch + 1), epoch)
        return {"mAP50": 0.83}

if __name__ == "__main__":
    raise SystemExit(PpeTrainer.main())
"""


def with_base(home: Home) -> None:
    shutil.copy(BASE, home.roots / "sampyo-gimhae-bct" / "gf_base.py")


def test_a_logged_metric_is_one_of_the_runs_once(home: Home) -> None:
    experiment = home.experiment(script=TRAINER)
    with_base(home)
    run = run_to_end(experiment)
    assert run.status == RunStatus.SUCCEEDED
    found = results.read(run.folder)
    assert {metric.key: metric.points for metric in found.metrics} == {"loss": 3, "mAP50": 1}
    assert {source.source: source.points for source in found.sources}["trainer.jsonl"] == 1


def test_the_header_says_which_class_of_which_files_ran(home: Home) -> None:
    experiment = home.experiment(script=TRAINER)
    with_base(home)
    found = record.header(folder_of(run_to_end(experiment)))
    assert found is not None
    assert (found.class_name, found.experiment, found.kind) == (
        *("PpeTrainer", "sampyo-gimhae-bct", "native"),
    )
    assert found.config == {"epochs": 3}
    assert len(found.sha256["trainer"]) == len(found.sha256["gf_base"]) == 64


def test_a_script_without_the_interface_has_no_header(home: Home) -> None:
    assert record.header(folder_of(run_to_end(home.experiment()))) is None


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{", '{"kind": "metric"}', '{"kind": "header"}', '{"kind": "header", "files": 3}'],
)
def test_a_spoilt_record_has_no_header(tmp_path: Path, line: str) -> None:
    (tmp_path / "trainer.jsonl").write_text(line + "\n")
    assert record.header(RunFolder(tmp_path)) is None


def test_a_link_in_place_of_the_record_is_not_followed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.trainer.mkdir(parents=True)
    (tmp_path / "secret").write_text(json.dumps({"kind": "header"}))
    (folder.trainer / "trainer.jsonl").symlink_to(tmp_path / "secret")
    record.keep(folder)
    assert not folder.trainer_record.exists()


WAITING = TRAINER.replace(
    "        return {", "        import time; time.sleep(600)\n        return {"
)


def test_a_logged_metric_is_seen_while_the_trainer_runs(home: Home) -> None:
    experiment = home.experiment(script=WAITING, grace_s=1)
    with_base(home)
    run = queue(experiment)
    assert start(run)
    follower = live_metrics.Follower(reach(run, RunStatus.RUNNING))
    wait_until(lambda: bool(follower.look()), what="a logged metric is seen")
    assert {point.key for point in follower.points} == {"loss"}
    folder_of(run).request_cancel()
    observing.observe(run.pk)
    end(run)

"""What is seen of a running script is the beginning of what is known at its end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.lifecycle.collect import collect
from runs_app.models import Run
from runs_app.records import results
from runs_app.records.live_metrics import Follower, Seen, settled
from runs_app.records.metrics import read_metrics
from runs_app.records.metrics_summary import live_bytes
from runs_app.runner.outputs.metric_points import MetricPoint
from runs_app.runner.outputs.snapshot import take
from tests.factories import make_run
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

HEAD = "epoch,metrics/mAP50(B),loss\n"


@pytest.fixture
def run(home: Home) -> Run:
    """A run whose script is about to write into its directory."""
    run = make_run(home.experiment(), RunStatus.RUNNING)
    folder = folder_of(run)
    folder.path.mkdir(parents=True)
    folder.stdout.write_bytes(b"")
    write(run, "old.csv", HEAD + "9,9,9\n")
    take(Path(run.cwd)).save(folder.manifest_before)
    return run


def write(run: Run, path: str, text: str) -> None:
    file = Path(run.cwd) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(text)


def followed(run: Run) -> Follower:
    follower = Follower(run)
    follower.find_files()
    return follower


def end(run: Run) -> list[MetricPoint]:
    """End the script, collect what it left, and return the final metrics."""
    folder = folder_of(run)
    run.finished_at = run.started_at
    (folder.path / "exit.json").write_text(
        json.dumps(
            {"format": 1, "why": "exited", "exit_code": 0, "started_at": 0.5, "finished_at": 1.0}
        )
    )
    collect(run)
    return list(read_metrics(folder))


def test_only_tables_that_the_run_writes_are_followed(run: Run) -> None:
    write(run, "runs/exp/results.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    assert follower.look() == 2
    assert [(point.key, point.step, point.value) for point in follower.points] == [
        ("metrics/mAP50(B)", 1, 0.5),
        ("loss", 1, 2),
    ]


def test_a_table_behind_a_link_inside_the_roots_is_followed(run: Run, home: Home) -> None:
    big = home.roots / "big"
    (big / "runs").mkdir(parents=True)
    (Path(run.cwd) / "runs").symlink_to(big / "runs")
    (Path(run.cwd) / "history.csv").symlink_to(big / "history.csv")
    write(run, "runs/results.csv", HEAD + "1,0.5,2\n")
    write(run, "history.csv", "epoch,acc\n1,0.25\n")
    follower = followed(run)
    assert follower.look() == 3
    assert {(point.key, point.file) for point in follower.points} == {
        ("metrics/mAP50(B)", "runs/results.csv"),
        ("loss", "runs/results.csv"),
        ("acc", "history.csv"),
    }


def test_final_metrics_say_the_same_of_every_point_that_was_seen(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n2,0.6,nan\n")
    follower = followed(run)
    follower.look()
    os.utime(Path(run.cwd) / "results.csv", (1, 1))
    write(run, "results.csv", "3,0.7,1\n")
    final = end(run)
    moments = {(item.key, item.step): item.timestamp_ms for item in final}
    assert {(point.key, point.step): point.timestamp_ms for point in follower.points}.items() <= (
        moments.items()
    )
    assert len(final) == 6


def test_the_file_that_was_seen_first_keeps_the_plain_key(run: Run) -> None:
    write(run, "a.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    follower.look()
    write(run, "results.csv", HEAD + "1,0.9,3\n")
    final = {(item.key, item.step): item.value for item in end(run)}
    assert final["loss", 1] == 2
    assert final["results/loss", 1] == 3


def test_a_table_that_was_not_kept_is_known_as_far_as_it_was_seen(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    followed(run).look()
    (Path(run.cwd) / "results.csv").unlink()
    assert [item.step for item in end(run)] == [1, 1]


def test_a_value_that_was_written_again_has_its_last_value_in_the_end(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    follower.look()
    (Path(run.cwd) / "results.csv").write_text(HEAD + "1,0.8,2\n")
    assert follower.look() == 1
    final = {(item.key, item.step): item.value for item in end(run)}
    assert final == {("metrics/mAP50(B)", 1): 0.8, ("loss", 1): 2}


def test_a_follower_that_died_is_followed_by_one_that_goes_on(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    first = followed(run)
    first.look()
    folder = folder_of(run)
    with folder.live_metrics.open("a") as cut:
        cut.write('{"key": "lo')
    os.utime(Path(run.cwd) / "results.csv", (1, 1))
    second = followed(run)
    assert second.points == first.points
    write(run, "results.csv", "2,0.6,1\n")
    assert second.look() == 2
    assert [seen.point for seen in settled(folder).points] == second.points


def test_nothing_is_added_once_the_script_has_ended(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    final = end(run)
    write(run, "results.csv", "2,0.6,1\n")
    assert follower.look() == 0
    assert not folder_of(run).live_metrics.exists()
    assert len(final) == 2


def test_what_could_not_be_written_is_found_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    live = folder_of(run).live_metrics
    live.touch()
    monkeypatch.setattr(follower._folder, "live_metrics", live / "no-folder")
    with pytest.raises(OSError, match="live"):
        follower.look()
    monkeypatch.setattr(follower._folder, "live_metrics", live)
    assert follower.look() == 2


def test_what_a_script_put_in_the_way_is_moved(run: Run) -> None:
    write(run, "results.csv", HEAD + "1,0.5,2\n")
    follower = followed(run)
    folder_of(run).live_metrics.mkdir()
    assert follower.look() == 2
    assert folder_of(run).live_metrics.is_file()


def test_the_page_sums_up_what_was_seen_so_far(run: Run) -> None:
    assert (results.read(run.folder).metrics, live_bytes(run.folder)) == ((), 0)
    write(run, "results.csv", HEAD + "1,0.5,2\n2,0.6,1\n")
    followed(run).look()
    assert [
        (metric.key, metric.last, metric.points) for metric in results.read(run.folder).metrics
    ] == [
        ("loss", 1, 2),
        ("metrics/mAP50(B)", 0.6, 2),
    ]
    assert live_bytes(run.folder) > 0


def test_a_run_that_was_not_followed_has_no_points(run: Run) -> None:
    assert settled(folder_of(run)) == Seen()

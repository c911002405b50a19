"""`guardianflow scan` drafts on standard output and reports on standard error."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from registry_app.document.reader import load
from registry_app.models import DecidedGuess, Experiment
from tests.factories import make_directory, make_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "experiments"
    settings.GUARDIANFLOW_ROOTS = [root]
    make_directory(root, "sampyo-gimhae-bct", {"train.py": "model.fit()"})
    make_directory(root, "datasets", {"a.yaml": "x: 1"})
    return root


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("scan_experiments", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_draft_can_be_imported_as_it_is(root: Path) -> None:
    out, err = run()
    assert load(out.encode(), name="draft").experiments[0].name == "sampyo-gimhae-bct"
    assert "1 experiments, 1 scripts" in err
    assert "Left out: 1 (only data: 1)." in err
    assert not Experiment.objects.exists()


def test_the_draft_goes_to_a_file_whole_or_not_at_all(root: Path, tmp_path: Path) -> None:
    out, err = run("--output", str(tmp_path / "experiments.yaml"))
    assert out == ""
    assert "sampyo-gimhae-bct" in (tmp_path / "experiments.yaml").read_text()
    assert "experiments.yaml" in err
    with pytest.raises(CommandError, match="cannot be written") as refused:
        run("--output", str(tmp_path / "experiments.yaml" / "x.yaml"))
    assert refused.value.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["experiments", "experiments.yaml"]


def test_many_directories_that_are_gone_are_not_all_named(root: Path) -> None:
    for number in range(25):
        make_experiment(f"gone-{number:02}", path=str(root / f"gone-{number:02}"))
    _out, err = run("--import", "--accept-missing")
    assert "gone-19 and 5 more\n" in err
    assert "gone-20" not in err


def test_import_merges_into_the_database(root: Path) -> None:
    out, err = run("--import")
    assert out == ""
    assert "1 new, 0 changed" in err
    assert Experiment.objects.get().name == "sampyo-gimhae-bct"


def test_a_root_outside_is_read_but_not_imported(root: Path, tmp_path: Path) -> None:
    make_directory(tmp_path / "usb", "posco-pohang-crane", {"train.py": "model.fit()"})
    assert "posco-pohang-crane" in run(str(tmp_path / "usb"))[0]
    with pytest.raises(CommandError, match="GUARDIANFLOW_ROOTS"):
        run(str(tmp_path / "usb"), "--import")
    assert not Experiment.objects.exists()


def test_a_root_that_is_not_there_is_refused_when_named(root: Path) -> None:
    with pytest.raises(CommandError, match="no folder") as refused:
        run(str(root / "nothing"))
    assert refused.value.returncode == 2


@pytest.mark.parametrize("details", [False, True])
def test_json_and_yaml_say_the_same(root: Path, details: bool) -> None:
    text = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', default=3)\n"
    (root / "sampyo-gimhae-bct" / "infer.py").write_text(f"{text}p.parse_args()\n")
    flags = ["--details"] if details else []
    from_json = json.loads(run("--json", *flags)[0])
    assert from_json == yaml.safe_load(run(*flags)[0])
    assert ("evidence" in from_json["experiments"]["sampyo-gimhae-bct"]) is details


def test_names_cannot_steer_the_terminal(root: Path) -> None:
    make_directory(root, "a", {"\x1b[31mtrain.py": "# 학습"})
    (root / "a" / "\x1b[31mtrain.py").write_bytes("model.fit()  # 학습".encode("cp949"))
    err = run()[1]
    assert "read as cp949" in err
    assert "\x1b" not in err


def test_the_review_has_a_line_for_what_is_not_sure_and_the_worst_first(root: Path) -> None:
    make_directory(root, "posco-gwangyang-p3d", {"go.py": "loss.backward()\noptimizer.step()\n"})
    out, _err = run("--review")
    lines = out.splitlines()
    assert "entry_points.train.default: go.py  [likely]  go.py:1" in lines[0]
    assert any("task.type: p3d  [unsure]" in line for line in lines)
    assert not any("site.region" in line for line in lines)


def test_the_review_is_in_the_language_of_the_terminal(root: Path) -> None:
    with translation.override("ko"):
        out, _err = run("--review")
    assert "site.customer: sampyo  [유력]  sampyo-gimhae-bct  " in out
    assert "이름에서 장소 앞에 있음" in out


def test_details_say_how_sure_the_type_of_each_script_is(root: Path) -> None:
    out, _err = run("--details", "--json")
    experiment = json.loads(out)["experiments"]["sampyo-gimhae-bct"]
    [script] = experiment["entry_points"]["train"]["scripts"]
    assert (script["confidence"], script["source"]) == ("sure", "train.py:1")
    assert script["reason"] == "calls fit in line 1; its name suggests train"
    with translation.override("ko"):
        korean, _err = run("--details", "--json")
    [script] = json.loads(korean)["experiments"]["sampyo-gimhae-bct"]["entry_points"]["train"][
        "scripts"
    ]
    assert script["reason"] == "1번째 줄에서 fit 호출; 이름으로 보아 학습용"


def test_an_import_that_lost_most_of_a_root_does_not_end_well(root: Path) -> None:
    for name in ("a-ulsan-fire", "b-ulsan-fire", "c-ulsan-fire"):
        make_directory(root, name, {"train.py": "model.fit()"})
    run("--import")
    shutil.rmtree(root / "a-ulsan-fire")
    run("--import")  # three of four are left
    shutil.rmtree(root / "b-ulsan-fire")
    shutil.rmtree(root / "c-ulsan-fire")
    with pytest.raises(CommandError, match=r"1 of 4") as refused:
        run("--import")
    assert refused.value.returncode == 3
    run("--import", "--accept-missing")
    run("--import")  # what was accepted is not asked again
    for name in ("a-ulsan-fire", "b-ulsan-fire"):
        make_directory(root, name, {"train.py": "model.fit()"})
    run("--import")
    shutil.rmtree(root / "a-ulsan-fire")
    shutil.rmtree(root / "b-ulsan-fire")
    with pytest.raises(CommandError, match=r"1 of 3"):  # both were back
        run("--import")
    Experiment.objects.exclude(name="sampyo-gimhae-bct").update(archived_at=timezone.now())
    run("--import")  # what is archived does not count


def test_details_list_what_was_left_out(root: Path) -> None:
    (root / "dead").symlink_to("nowhere")
    out, err = run("--details", "--json")
    listed = json.loads(out)["left_out"]
    assert [(Path(row["path"]).name, row["code"], row["reason"]) for row in listed] == [
        ("datasets", "left_out_data", "only data"),
        ("dead", "left_out_dead_link", "a link to nowhere, which is not there"),
    ]
    assert "Left out: 2 (only data: 1, a dead link: 1)." in err
    assert "dead: a link to nowhere" in err  # it may well have been an experiment
    assert "left_out" not in json.loads(run("--json")[0])


def test_a_directory_is_added_and_taken_back_in_the_terminal(root: Path) -> None:
    out, err = run("--add", str(root / "datasets"))
    assert (out, "The next scan drafts" in err) == ("", True)
    assert not Experiment.objects.exists()
    _out, err = run("--import")
    assert "2 new" in err
    assert "Left out" not in err
    assert run("--decided")[0].startswith(f"add  {root}/datasets  ")
    with translation.override("ko"):
        assert run("--decided")[0].startswith(f"모든 스캔이 초안 작성  {root}")
    run("--take-back", "datasets")
    assert run("--decided")[0] == ""


def test_added_and_imported_in_one_command(root: Path) -> None:
    _out, err = run("--add", "datasets", "--import")
    assert "2 new" in err


def test_what_is_never_listed_is_only_counted(root: Path) -> None:
    run("--never", "datasets")
    out, err = run("--details", "--json")
    assert json.loads(out)["left_out"] == []
    assert "Left out" not in err
    assert "Never listed, as people decided: 1 (--decided)." in err


@pytest.mark.parametrize("option", ["--add", "--never", "--take-back"])
@pytest.mark.parametrize("named", ["", "/somewhere/else", "datasets/inside"])
def test_what_is_not_in_a_root_is_refused_and_nothing_is_decided(
    root: Path, option: str, named: str
) -> None:
    written = named or str(root)
    with pytest.raises(CommandError, match="not directly inside one of the roots") as refused:
        run("--never", "datasets", option, written)
    assert refused.value.returncode == 2
    assert run("--decided")[0] == ""


def test_an_import_tells_what_is_archived_among_the_left_out(root: Path) -> None:
    run("--import")
    Experiment.objects.update(archived_at=timezone.now())
    out, err = run("--import", "--details", "--json")
    assert "archived: 1" in err
    assert {row["code"] for row in json.loads(out)["left_out"]} == {
        *("left_out_archived", "left_out_data"),
    }


def test_a_second_link_to_an_experiment_is_named(root: Path) -> None:
    (root / "now-in-use").symlink_to("sampyo-gimhae-bct")
    _out, err = run()
    assert "now-in-use: a link to sampyo-gimhae-bct, which is in the same roots" in err


def test_hit_rates_are_printed_without_a_scan(root: Path) -> None:
    assert run("--hit-rates") == ("No guess was decided singly yet.\n", "")
    bct = make_experiment("bct", path=str(root / "bct"))
    rows = [("task.type", "sure", True)] * 19 + [("task.type", "sure", False)]
    rows += [("site.zone", "unsure", False)]
    DecidedGuess.objects.bulk_create(
        DecidedGuess(experiment=bct, field=field, confidence=confidence, is_kept=is_kept)
        for field, confidence, is_kept in rows
    )
    out, err = run("--hit-rates")
    assert (out.splitlines(), err) == (
        [
            "task.type  [sure]  19 of 20 kept  95 %",
            "site.zone  [unsure]  0 of 1 kept",
            "All values  [sure]  19 of 20 kept  95 %",
            "All values  [unsure]  0 of 1 kept",
        ],
        "",
    )
    with translation.override("ko"):
        assert "task.type  [확실]" in run("--hit-rates")[0]
    data = json.loads(run("--hit-rates", "--json")[0])
    assert data["kinds"][1]["corrected"] == 1
    assert data["total"][0]["share"] == 0.95

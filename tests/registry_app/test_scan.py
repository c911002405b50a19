"""A scan reads directories and drafts what they are, without touching or starting anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry_app.exceptions import ScanError
from registry_app.registry_writer import dump
from registry_app.scan import scan, written_path
from registry_app.scan_details import with_details
from tests.factories import make_directory
from tests.trees import fingerprint

FIXTURES = Path(__file__).parents[2] / "fixtures" / "experiments"
TRAIN = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--out", default=str(__file__))
args = p.parse_args()
model.fit()
"""


def test_the_sample_tree_is_drafted_as_its_authors_meant_it() -> None:
    drafts = {one.name: one for one in scan([FIXTURES]).document.experiments}
    ppe = drafts["donghwa-entec-ppe"]
    assert (ppe.site.customer, ppe.site.region, ppe.site.plant, ppe.site.zone) == (
        *("donghwa-entec", "busan", "plant1", "welding"),
    )
    assert ppe.task.classes == ("headgear", "harness", "hook")
    assert {kind: entry.default for kind, entry in ppe.entry_points.items()} == {
        "train": "train_yolov11_v2.py",
        "infer": "infer_benchmark.py",
        "quant": "export_openvino.py",
    }
    assert ppe.entry_points["train"].patterns == ("train*.py",)
    assert ppe.evidence["task.classes"].source == "data/data.yaml:6"
    assert drafts["sampyo-gimhae-bct"].entry_points["train"].default == "train_bct_v3_final.py"
    assert drafts["sampyo-incheon-지게차"].task.type == "forklift"
    assert "lotte-ulsan-ppe+intrusion" in drafts


def test_two_scans_draft_the_same_bytes() -> None:
    assert dump(scan([FIXTURES]).document) == dump(scan([FIXTURES]).document)


def test_progress_is_told_for_every_directory(tmp_path: Path) -> None:
    for name in ("b", "a"):
        make_directory(tmp_path, name, {"train.py": "model.fit()"})
    seen: list[tuple[int, int, str]] = []
    scan([tmp_path], progress=lambda *step: seen.append(step))
    assert seen == [(0, 2, "a"), (1, 2, "b"), (2, 2, "")]


def test_one_name_in_two_roots_is_refused_naming_both(tmp_path: Path) -> None:
    for root in ("one", "two"):
        make_directory(tmp_path / root, "sampyo-gimhae-bct", {"train.py": ""})
    with pytest.raises(ScanError) as refused:
        scan([tmp_path / "one", tmp_path / "two"])
    assert str(tmp_path / "one" / "sampyo-gimhae-bct") in str(refused.value)
    assert str(tmp_path / "two" / "sampyo-gimhae-bct") in str(refused.value)


def test_a_missing_root_is_a_hint(tmp_path: Path) -> None:
    result = scan([tmp_path / "nothing"])
    assert not result.experiments
    assert "GUARDIANFLOW_ROOTS" in result.warnings[0]


def test_directories_without_scripts_are_named_and_left_out(tmp_path: Path) -> None:
    make_directory(tmp_path, "datasets", {"a.yaml": "names: [a]"})
    make_directory(tmp_path, "sampyo-gimhae-bct", {"train.py": "model.fit()"})
    result = scan([tmp_path])
    assert [one.document.name for one in result.experiments] == ["sampyo-gimhae-bct"]
    assert result.without_scripts == ("datasets",)


def test_links_among_the_children_of_a_root_are_experiments(tmp_path: Path) -> None:
    make_directory(tmp_path, "elsewhere/real", {"train.py": "model.fit()"})
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "elsewhere" / "real")
    (tmp_path / "root" / "dangling").symlink_to("nowhere")
    result = scan([tmp_path / "root"])
    assert [one.document.path for one in result.experiments] == [str(tmp_path / "root" / "linked")]


def test_paths_below_the_home_directory_are_written_with_a_tilde(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/minsu")
    assert written_path(Path("/home/minsu/experiments/a")) == "~/experiments/a"
    assert written_path(Path("/home/minsu2/a")) == "/home/minsu2/a"


def test_details_hold_scripts_parameters_past_runs_and_evidence(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "runs/results.csv": "epoch,loss\n1,2\n"}
    make_directory(tmp_path, "sampyo-gimhae-bct", files)
    data = with_details(scan([tmp_path]))["experiments"]["sampyo-gimhae-bct"]
    script = data["entry_points"]["train"]["scripts"][0]
    assert (script["path"], script["type"]) == ("train.py", "train")
    epochs, out = script["params"]
    assert set(epochs) >= {
        *("name", "flag", "positional", "type", "action", "nargs", "default", "default_expr"),
        *("required", "choices", "confidence", "source"),
    }
    assert (epochs["name"], epochs["default"], epochs["source"]) == ("epochs", 3, "train.py:4")
    assert (out["default"], out["default_expr"]) == (None, "str(__file__)")
    assert data["past_runs"] == [{"path": "runs/results.csv", "rows": 1}]
    assert {
        "field": "site.region",
        "value": "gimhae",
        "confidence": "sure",
        "source": "sampyo-gimhae-bct",
    } in data["evidence"]


WATCHED_SCAN = """
import json, sys
from pathlib import Path
import django
django.setup()
from registry_app.scan import scan
from registry_app.scan_details import with_details
import registry_app.inference.draft, yaml, csv
root = sys.argv[1]
seen = []
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "pty.spawn")
WRITES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link",
          "os.symlink", "os.truncate", "os.utime", "shutil.move", "os.setxattr", "socket.connect")
def watch(event, args):
    text = str(args[0]) if args else ""
    if event in STARTS or event in WRITES:
        seen.append([event, text])
    elif event == "open" and root in text:
        mode, flags = args[1], args[2]
        if (mode and set(mode) & set("wax+")) or flags & 3:
            seen.append([event, text])
    elif event == "import" or event == "exec":
        if root in text or "trap" in text:
            seen.append([event, text])
sys.addaudithook(watch)
result = with_details(scan([Path(root)]))
json.dump([seen, sorted(result["experiments"])], sys.stdout)
"""


def test_nothing_is_started_imported_or_written(tmp_path: Path) -> None:
    trap = "import pathlib\npathlib.Path(__file__).with_name('sprung').touch()\n"
    make_directory(
        tmp_path,
        "hostile-busan-ppe",
        {
            "train.py": trap + "model.fit()\n",
            "setup.py": trap,
            "sitecustomize.py": trap,
            "argparse.py": trap,
            "yaml/__init__.py": trap,
            "data.yaml": "!!python/object/apply:os.system ['touch sprung']\n",
            ".git/config": "[core]\n\tfsmonitor = touch sprung\n",
            "train.sh": "touch sprung\npython train.py\n",
        },
    )
    before = fingerprint(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_SCAN, str(tmp_path)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen, names = json.loads(done.stdout)
    assert seen == []
    assert names == ["hostile-busan-ppe"]
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "x = " + "-" * 20_000 + "1",
        "a" * 200_000,
        "\0\0\0",
        "x = 1\n" * 20_000,
        "class A:\n" + " def f(self): ...\n" * 3000,
        "CLASSES = " + "[" * 90 + "]" * 90,
    ],
)
def test_strange_scripts_end_in_a_draft_not_in_a_trace(tmp_path: Path, text: str) -> None:
    files: dict[str, Any] = {"train.py": text, "infer.py": "cv2.VideoCapture(0)"}
    make_directory(tmp_path, "sampyo-gimhae-bct", files)
    assert scan([tmp_path]).experiments[0].document.entry_points["infer"].default == "infer.py"

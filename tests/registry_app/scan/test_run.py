"""A scan reads directories and drafts what they are, without touching or starting anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry_app.document.writer import dump
from registry_app.exceptions import ScanError
from registry_app.findings.details import with_details
from registry_app.scan.run import scan, written_path
from tests.factories import make_directory
from tests.trees import fingerprint

FIXTURES = Path(__file__).parents[3] / "fixtures" / "experiments"
TRAIN = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--out", default=str(__file__))
args = p.parse_args()
model.fit()
"""


def test_the_sample_tree_is_drafted_as_its_authors_meant_it() -> None:
    drafts = {experiment.name: experiment for experiment in scan([FIXTURES]).document.experiments}
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


def test_progress_is_reported_for_every_directory(tmp_path: Path) -> None:
    for name in ("b", "a"):
        make_directory(tmp_path, name, {"train.py": "model.fit()"})
    seen: list[tuple[int, int, str]] = []
    scan([tmp_path], progress=lambda *step: seen.append(step))
    assert seen[0] == (0, 2, "a")
    assert seen[-1] == (2, 2, "")
    assert {name for _done, _total, name in seen} <= {"a", "b", ""}
    assert [done for done, _total, _name in seen] == sorted(done for done, _total, _name in seen)


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
    assert "GUARDIANFLOW_ROOTS" in str(result.warnings[0])


def test_directories_without_scripts_are_named_and_left_out(tmp_path: Path) -> None:
    make_directory(tmp_path, "datasets", {"a.yaml": "names: [a]"})
    make_directory(tmp_path, "sampyo-gimhae-bct", {"train.py": "model.fit()"})
    result = scan([tmp_path])
    assert [experiment.document.name for experiment in result.experiments] == ["sampyo-gimhae-bct"]
    assert [child.path.name for child in result.left_out] == ["datasets"]


def test_links_among_the_children_of_a_root_are_experiments(tmp_path: Path) -> None:
    make_directory(tmp_path, "elsewhere/real", {"train.py": "model.fit()"})
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "elsewhere" / "real")
    (tmp_path / "root" / "dangling").symlink_to("nowhere")
    result = scan([tmp_path / "root"])
    assert [experiment.document.path for experiment in result.experiments] == [
        str(tmp_path / "root" / "linked")
    ]


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
    assert (out["default"], out["default_expr"]) == ("str(__file__)", "str(__file__)")
    [run] = data["past_runs"]
    assert (run["path"], run["rows"], run["final"]) == ("runs/results.csv", 1, {"loss": 2.0})
    assert (data["git"], data["environments"], data["requirements"]) == ({}, [], [])
    assert {
        "field": "site.region",
        "value": "gimhae",
        "confidence": "sure",
        "source": "sampyo-gimhae-bct",
    } in data["evidence"]


# Runs a scan in which the first process tells what it did beyond reading, and the processes that
# read die at the first such deed.
WATCHED_SCAN = """
import json, os, sys
from pathlib import Path
root, home, reader = sys.argv[1:4]
import django
django.setup()
from registry_app.scan import process as scan_process
from registry_app.scan.run import scan
from registry_app.findings.details import with_details
import registry_app.inference.draft, yaml, csv
scan_process.PROGRAM = ("-B", "-s", "-P", "-c", reader)
import watching
seen = []
def tell(event, args):
    if event == "subprocess.Popen" and list(args[1][:2]) == [sys.executable, "-B"]:
        return  # a reader
    if str(args[0]).startswith(home) or args[0] == os.devnull:
        return  # the cache, and what is only there while the scan runs
    seen.append([event, str(args)])
watching.watch(root, tell)
found = scan([Path(root)])
told = with_details(found)
json.dump([seen, sorted(told["experiments"]), [str(one) for one in found.warnings]], sys.stdout)
"""
WATCHED_READER = """
import os, sys
sys.path.insert(0, WATCHING)
import watching
watching.watch(ROOT, lambda event, args: os._exit(99))
if DEED:
    exec(DEED)
import runpy
sys.argv[0] = "reader"
runpy.run_module("registry_app.scan.reader", run_name="__main__")
"""
WATCHING = """
import sys
ALWAYS = {
    "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty",
    "pty.spawn", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown",
    "os.link", "os.symlink", "os.utime", "shutil.move", "os.setxattr", "pickle.find_class",
    "socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "ctypes.dlopen",
}
def watch(root, tell):
    def hook(event, args):
        if event in ALWAYS:
            tell(event, args)
        elif event == "open" and isinstance(args[0], str):
            mode, flags = args[1], args[2]
            if (mode and set(mode) & set("wax+")) or flags & 3:
                tell(event, args)
        elif event == "import" and (root in str(args[1]) or "trap" in str(args[0])):
            tell(event, args)
        elif event == "exec":
            code = args[0]
            known = (sys.prefix, sys.base_prefix, "<frozen", "<string>", BASE)
            if "sprung" in str(code.co_consts) or not code.co_filename.startswith(known):
                tell(event, args)
    sys.addaudithook(hook)
"""
TRAP = "import pathlib\npathlib.Path(__file__).with_name('sprung').touch()\n"
HOSTILE = {
    "train.py": TRAP + "model.fit()\n",
    "setup.py": TRAP,
    "sitecustomize.py": TRAP,
    "argparse.py": TRAP,
    "yaml/__init__.py": TRAP,
    "data.yaml": "!!python/object/apply:os.system ['touch sprung']\n",
    ".git/config": "[core]\n\tfsmonitor = touch sprung\n",
    "train.sh": "touch sprung\npython train.py\n",
    "export.ipynb": '{"cells": [{"cell_type": "code", "source": ["!touch sprung"]}]}',
}


def scan_watched(tmp_path: Path, root: Path, deed: str = "") -> Any:
    """Return what a watched scan did, the experiments that it found, and its warnings."""
    base = str(Path(__file__).parents[3])
    (tmp_path / "watching.py").write_text(f"BASE = {base!r}\n{WATCHING}")
    head = f"WATCHING, ROOT, DEED = {str(tmp_path)!r}, {str(root)!r}, {deed!r}\n"
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_SCAN, str(root), str(home), head + WATCHED_READER],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "GUARDIANFLOW_HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": f"{base}:{tmp_path}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nothing_is_started_imported_sent_or_written(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make_directory(root, "hostile-busan-ppe", HOSTILE)
    before = fingerprint(root)
    for _cold_then_warm in range(2):
        seen, names, warnings = scan_watched(tmp_path, root)
        assert seen == []
        assert names == ["hostile-busan-ppe"]
        assert warnings == []
        assert fingerprint(root) == before


@pytest.mark.parametrize(
    "deed",
    [
        "open('/tmp/sprung', 'w')",
        "__import__('os').system('true')",
        "__import__('socket').socket()",
        "exec(compile('sprung = 1', 'train.py', 'exec'))",
    ],
)
def test_a_reader_that_did_such_a_thing_would_be_seen(tmp_path: Path, deed: str) -> None:
    make_directory(tmp_path / "root", "e", {"train.py": "model.fit()"})
    with pytest.raises(AssertionError, match="cannot be started: exit status 99"):
        scan_watched(tmp_path, tmp_path / "root", deed)


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

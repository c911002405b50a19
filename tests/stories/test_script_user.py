"""Scripts run as another Linux user; for a PM nothing else changes.

The portal is Minsu's, by number; scripts run as a third user, whose helper listens as the socket
unit of systemd does.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ordinary_user import OrdinaryUser, ordinary_user
from tests.script_users import NUMBER, PYTHON, Unit, own, scripts_unit
from tests.waiting import wait_until

pytestmark = [pytest.mark.first, pytest.mark.ordinary_user, pytest.mark.processes]

# As an engineer does in a form, whose save confirms the command.
GIVE_WEIGHTS = """\
from registry_app.choices import ConfirmedBy
from registry_app.fields.confirmation import confirm
from registry_app.models import EntryPoint
entry = EntryPoint.objects.get(experiment__name="donghwa-entec-ppe", type="train")
entry.args_template = "{weights}"
entry.save()
confirm(entry, how=ConfirmedBy.SAVE)
"""
# A table that is written piece by piece under a narrow umask, weights that are renamed into place
# (0600), a private folder, and a store of MLflow: what real trainings leave.
TRAIN = """\
import json, os, sys, tempfile
os.umask(0o077)
with open("results.csv", "w") as table:
    print("epoch,metrics/mAP50(B)", file=table)
    for epoch in range(3):
        print(f"{epoch},{epoch / 10}", file=table)
descriptor, name = tempfile.mkstemp(dir=".")
os.write(descriptor, b"weights")
os.rename(name, "best.pt")
os.makedirs("private", 0o700, exist_ok=True)
open("private/classes.json", "w").write(json.dumps(["zinc", "steel"]))
store = os.environ["MLFLOW_TRACKING_URI"].removeprefix("file://")
os.makedirs(f"{store}/0/abc/metrics")
open(f"{store}/0/abc/meta.yaml", "w").write("run_id: abc\\nrun_name: own\\nstatus: 3\\n")
open(f"{store}/0/abc/metrics/loss", "w").write("1 0.5 0\\n")
os.symlink("/etc/passwd", f"{store}/0/abc/metrics/passwd")
print("uid", os.getuid())
for word in sys.argv[1:]:
    print("given", open(word).read())
"""


@pytest.fixture(scope="module")
def unit() -> Iterator[Unit]:
    with scripts_unit() as unit:
        yield unit


@pytest.fixture(scope="module")
def minsu(empty_database: Path, empty_store: Path, unit: Unit) -> Iterator[OrdinaryUser]:
    with ordinary_user(empty_database, empty_store) as user:
        user.let_others_in()
        user.environment |= {
            "GUARDIANFLOW_RUN_AS": str(NUMBER),
            "GUARDIANFLOW_SCRIPTS_SOCKET": str(unit.socket),
            "GUARDIANFLOW_PYTHON": str(PYTHON),
        }
        own(user.experiment("sampyo-gimhae-bct", train_py=TRAIN))
        user.portal("scan_experiments", "--import")
        yield user


def run(minsu: OrdinaryUser, name: str, *more: str) -> dict[str, object]:
    minsu.portal("run_experiment", name, "--type", "train", *more)
    [last, *_earlier] = json.loads(minsu.portal("list_runs", "--json").stdout)
    reported: dict[str, object] = json.loads(
        minsu.portal("show_run", str(last["id"]), "--json").stdout
    )
    return reported


def test_a_run_is_like_any_other(minsu: OrdinaryUser) -> None:
    reported = run(minsu, "sampyo-gimhae-bct")
    folder = Path(str(reported["run_dir"]))
    assert reported["status"] == "succeeded", (folder / "stderr.log").read_text()
    assert f"uid {NUMBER}" in (folder / "stdout.log").read_text()
    assert {"run_as": str(NUMBER), "by": "socket", "fence": "portal"}.items() <= reported[
        "isolation"
    ].items()  # type: ignore[attr-defined]
    for name in ("results.csv", "best.pt", "private/classes.json"):
        kept = folder / "outputs" / name
        assert kept.stat().st_uid == minsu.home.stat().st_uid, name
    assert (folder / "scratch/mlruns/0/abc/metrics/loss").read_text() == "1 0.5 0\n"
    assert not (folder / "scratch/mlruns/0/abc/metrics/passwd").exists()
    metrics = (folder / "metrics.jsonl").read_text()
    assert "mAP50" in metrics
    scratch = json.loads((folder / "spec.json").read_text())["scratch_folder"]
    assert not Path(scratch).exists()


def test_a_kept_output_that_a_parameter_names_is_read(minsu: OrdinaryUser) -> None:
    first = run(minsu, "sampyo-gimhae-bct")
    weights = Path(str(first["run_dir"])) / "outputs/best.pt"
    own(minsu.experiment("donghwa-entec-ppe", train_py=f"{TRAIN}\n# weights\n"))
    minsu.portal("scan_experiments", "--import")
    minsu.portal("shell", "-c", GIVE_WEIGHTS.format(weights=weights))
    reported = run(minsu, "donghwa-entec-ppe")
    assert "given weights" in (Path(str(reported["run_dir"])) / "stdout.log").read_text()


PAIR = """\
open("best.xml", "w").write("the graph")
open("best.bin", "w").write("the weights")
"""
# Like an exporter: it reads both files of a set, and writes beside the one that it was given.
EXPORT = """\
import sys
from pathlib import Path
graph = Path(sys.argv[sys.argv.index("--graph") + 1])
text = graph.read_text() + " and " + graph.with_suffix(".bin").read_text()
graph.with_name("best_int8.xml").write_text(text)
graph.write_text("rewritten")
"""
CHAIN = """\
experiment: donghwa-entec-pair
steps:
  - {name: train, type: train}
  - name: export
    type: quant
    params:
      graph: {from: train, file: "best.xml"}
"""
# As an engineer, a worker and the end of a run do it.
CARRY_OUT = """\
import time
from registry_app.choices import ConfirmedBy
from registry_app.fields.confirmation import confirm
from registry_app.models import EntryPoint, Experiment, Script
from runs_app.executors.chosen import executor
from runs_app.lifecycle import launch, observing
from runs_app.models import RunSet
from runs_app.sets import tick
from runs_app.sets.definitions import read
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, SourceFile
from uuid import uuid4
experiment = Experiment.objects.get(name="donghwa-entec-pair")
entry, _made = EntryPoint.objects.get_or_create(experiment=experiment, type="quant")
entry.default_script = "export.py"
entry.save()
confirm(entry, how=ConfirmedBy.SAVE)
Script.objects.filter(experiment=experiment, path="export.py").update(
    parameters=[{{"name": "graph", "flag": "--graph"}}]
)
file = SourceFile(path="pipelines/pair.yaml", data={chain!r}.encode())
made, _new = start_file(read(file, PIPELINES), key=uuid4(), user=None)
for _look in range(600):
    launch.start_next(executor().place)
    for step in made.steps.select_related("run__experiment"):
        if step.run is not None and step.run.is_active:
            observing.settle(step.run.experiment)
    tick.tick(made.pk)
    made.refresh_from_db()
    if not made.is_active:
        break
    time.sleep(0.1)
print(made.state, *(step.run_id for step in made.steps.all()), sep="\\n")
"""


def test_a_step_reads_its_copies_and_what_it_writes_beside_them_is_its_own(
    minsu: OrdinaryUser,
) -> None:
    own(minsu.experiment("donghwa-entec-pair", train_py=PAIR, export_py=EXPORT))
    minsu.portal("scan_experiments", "--import")
    said = minsu.portal("shell", "-c", CARRY_OUT.format(chain=CHAIN)).stdout.split()
    state, *numbers = said[-3:]
    shown = [json.loads(minsu.portal("show_run", run, "--json").stdout) for run in numbers]
    train, export = (Path(str(run["run_dir"])) for run in shown)
    assert state == "succeeded", [(run["status_reason"], run["argv"]) for run in shown]
    made = {file["path"]: file for file in shown[1]["files"]}
    assert set(made) == {"inputs/export/best.xml", "inputs/export/best_int8.xml"}
    kept = export / "outputs/inputs/export/best_int8.xml"
    assert kept.read_text() == "the graph and the weights"
    assert kept.stat().st_uid == minsu.home.stat().st_uid
    assert (export / "inputs/export/best.bin").read_text() == "the weights"
    # The record of the training is as it was.
    assert (train / "outputs/best.xml").read_text() == "the graph"


def test_an_interpreter_that_is_a_script_runs_as_the_other_user_too(minsu: OrdinaryUser) -> None:
    """A script may leave a `.venv/bin/python` of its own for the portal to start."""
    directory = minsu.experiment("donghwa-entec-trojan", train_py="print('trained')\n")
    seen = directory / "seen.txt"
    trojan = directory / ".venv/bin/python"
    trojan.parent.mkdir(parents=True)
    trojan.write_text(f'#!/bin/sh\nid -u >> {seen}\nexec {PYTHON} "$@"\n')
    trojan.chmod(0o755)
    own(directory)
    minsu.portal("scan_experiments", "--import")
    run(minsu, "donghwa-entec-trojan")
    # Behind the fence it may write nothing at all while it only answers; as a script it may.
    assert set(seen.read_text().split()) == {str(NUMBER)}


def test_a_run_waits_for_a_user_that_cannot_be_reached(minsu: OrdinaryUser, unit: Unit) -> None:
    """It never runs as the portal's user instead, and starts when the helper is there."""
    queued = minsu.portal("run_experiment", "sampyo-gimhae-bct", "--type", "train", "--queue")
    number = next(word for word in queued.stderr.split() + queued.stdout.split() if word.isdigit())
    late = Path(f"{unit.socket}.late")
    kept = dict(minsu.environment)
    minsu.environment["GUARDIANFLOW_SCRIPTS_SOCKET"] = str(late)
    worker = minsu.popen(*minsu.command("worker"))
    try:

        def output() -> dict[str, str]:
            reported: dict[str, str] = json.loads(minsu.portal("show_run", number, "--json").stdout)
            return reported

        wait_until(
            lambda: f"started as user {NUMBER}" in output()["status_reason"],
            what=lambda: f"the run waits: {output()}",
        )
        os.link(unit.socket, late)
        wait_until(lambda: output()["status"] == "succeeded", what=lambda: f"it ends: {output()}")
    finally:
        worker.kill()
        worker.communicate()
        minsu.environment = kept


def test_doctor_tells_who_runs_scripts_and_what_they_cannot_write(minsu: OrdinaryUser) -> None:
    (minsu.experiments / "sampyo-gimhae-bct/labels.txt").touch(0o644)
    os.chown(minsu.experiments / "sampyo-gimhae-bct/labels.txt", 0, 0)
    lines = json.loads(minsu.portal("doctor", "--json", check=False).stdout)
    output = [f"{line['level']} {line['text']}" for line in lines if line["area"] == "run-as"]
    assert output[0].startswith(f"ok Scripts run as {NUMBER}, the portal as ")
    assert f"warn sampyo-gimhae-bct: {NUMBER} cannot write 1 files, the first is" in " ".join(
        output
    )
    tried = next(line["text"] for line in lines if line["area"] == "isolation")
    assert tried.startswith(f"user {NUMBER}, by socket")


def test_the_commands_of_another_user_end_in_one_line(minsu: OrdinaryUser) -> None:
    reported = subprocess.run(
        minsu.command("list_runs"),
        user=NUMBER,
        group=NUMBER,
        extra_groups=[],
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GUARDIANFLOW_HOME": str(minsu.checkout / "var"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert reported.returncode == 2
    [line] = reported.stderr.splitlines()
    assert "Use `sudo -u '#64001' guardianflow ...`" in line

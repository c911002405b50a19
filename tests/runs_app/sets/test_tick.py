"""Chains: each step gets its own copy of what the step before kept, and starts once."""

from __future__ import annotations

import csv
import tarfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from registry_app.models import Experiment
from registry_app.reading import message_text
from runs_app.choices import SetKind, SetState, StepState
from runs_app.exceptions import RefusedError
from runs_app.executors.chosen import executor
from runs_app.lifecycle import due, launch, retention
from runs_app.lifecycle.cancel import cancel
from runs_app.models import Run, RunSet, RunStep
from runs_app.sets import changing, tick
from runs_app.sets.changed import changed_since
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.sets.starting import Heading, start_chain
from tests.factories import make_entry_point, make_member, make_script
from tests.registry_app.sync.git.remote import git
from tests.runs_app.conftest import Home
from tests.runs_app.driving import end

pytestmark = pytest.mark.django_db

TRAIN = """\
from pathlib import Path
Path("weights").mkdir(exist_ok=True)
Path("weights/best.pt").write_bytes(b"weights of this run")
Path("weights/last.pt").write_bytes(b"last")
Path("weights/best.bin").write_bytes(b"second half")
"""
# Like the exporters of the common frameworks, it writes beside the file that it reads.
EXPORT = """\
import sys
from pathlib import Path
weights = Path(sys.argv[sys.argv.index("--weights") + 1])
weights.with_name(weights.stem + "_int8.npz").write_bytes(b"int8 " + weights.read_bytes())
"""
MANY_FILES = """
for folder in (weights.parent, Path(".")):
    (folder / "parts").mkdir()
    for number in range(201):
        (folder / "parts" / f"{folder.name}-{number}.txt").write_text(str(number))
"""
INFER = """\
import sys
from pathlib import Path
model = Path(sys.argv[sys.argv.index("--model") + 1])
Path("answer.json").write_text('{"read": "%s"}' % model.read_bytes().decode())
"""
WEIGHTS: dict[str, object] = {"name": "weights", "flag": "--weights"}
MODEL: dict[str, object] = {"name": "model", "flag": "--model"}


@pytest.fixture
def bct(home: Home) -> Experiment:
    """Sampyo Gimhae with a training, an exporter and an inference."""
    experiment = home.experiment(script=TRAIN)
    for kind, script, source, row in (
        ("quant", "export.py", EXPORT, WEIGHTS),
        ("infer", "infer.py", INFER, MODEL),
    ):
        (Path(experiment.path) / script).write_text(source)
        make_entry_point(experiment, kind, script)
        make_script(experiment, script, types=[kind], parameters=[row])
    return experiment


def three_steps(experiment: Experiment, *, pattern: str = "*best.pt") -> list[StepSpec]:
    return [
        StepSpec(experiment=experiment, type="train", name="train"),
        StepSpec(
            experiment=experiment,
            type="quant",
            name="quant",
            files={"weights": FromStep(step="train", file=pattern)},
        ),
        StepSpec(
            experiment=experiment,
            type="infer",
            name="infer",
            files={"model": FromStep(step="quant", file="*_int8.npz")},
        ),
    ]


def begin(specs: list[StepSpec]) -> RunSet:
    heading = Heading(key=uuid4(), kind=SetKind.CHAIN, name="edge")
    return start_chain(heading, specs, user=None)[0]


def carry_out(chain: RunSet, name: str) -> Run:
    """Take the queued run of a step to its end, and tick as the worker does."""
    run = chain.steps.get(name=name).run
    assert run is not None
    launch.start(run.pk, host=executor().place)
    run.refresh_from_db()
    ended = end(run) if run.is_active else run
    tick.tick(chain.pk)
    chain.refresh_from_db()
    return ended


def states(chain: RunSet) -> list[str]:
    return list(chain.steps.values_list("state", flat=True))


def test_each_step_gets_its_own_copy_of_what_the_step_before_made(bct: Experiment) -> None:
    chain = begin(three_steps(bct))
    assert states(chain) == ["queued", "waiting", "waiting"]
    train = carry_out(chain, "train")
    kept_before = {file.path: file.sha256 for file in train.files.all()}
    quant = carry_out(chain, "quant")
    copy = quant.folder / "inputs" / "quant" / "best.pt"
    assert quant.argv[-2:] == ["--weights", str(copy)]
    assert copy.read_bytes() == b"weights of this run"
    assert (copy.parent / "best.bin").read_bytes() == b"second half"
    assert list(quant.files.values_list("path", flat=True)) == ["inputs/quant/best_int8.npz"]
    assert quant.inputs.get(name="weights").changed is False
    infer = carry_out(chain, "infer")
    answer = Path(bct.path) / "answer.json"
    assert "int8 weights of this run" in answer.read_text()
    assert (infer.status, chain.state) == ("succeeded", SetState.SUCCEEDED)
    assert {file.path: file.sha256 for file in train.files.all()} == kept_before
    assert not list((train.folder / "outputs").rglob("*int8*"))


def test_a_link_beside_a_copy_makes_nothing_behind_it_an_output(bct: Experiment) -> None:
    links = "import os\nos.symlink(os.getcwd(), weights.with_name('directory'))\n"
    Path(bct.path, "export.py").write_text(EXPORT + links)
    chain = begin(three_steps(bct))
    carry_out(chain, "train")
    quant = carry_out(chain, "quant")
    assert list(quant.files.values_list("path", flat=True)) == ["inputs/quant/best_int8.npz"]


def test_a_name_as_long_as_names_can_be_is_handed_over(bct: Experiment) -> None:
    name = "b" * 251 + ".pt"
    Path(bct.path, "train.py").write_text(TRAIN.replace("best.pt", name))
    chain = begin(three_steps(bct, pattern="*b.pt"))
    carry_out(chain, "train")
    assert (carry_out(chain, "quant").folder / "inputs" / "quant" / name).is_file()


def test_hundreds_of_small_files_beside_a_copy_are_kept_like_those_in_the_directory(
    bct: Experiment,
) -> None:
    Path(bct.path, "export.py").write_text(EXPORT + MANY_FILES)
    chain = begin(three_steps(bct))
    carry_out(chain, "train")
    quant = carry_out(chain, "quant")
    rows = {file.path: file for file in quant.files.all()}
    archives = {"small-files.tar", "small-files-inputs.tar"}
    assert set(rows) == {"inputs/quant/best_int8.npz", *archives}
    for name in archives:
        with tarfile.open(quant.folder / name) as archive:
            assert len(archive.getnames()) == rows[name].members == 201
    listed = list(csv.DictReader((quant.folder / "files.csv").read_text().splitlines()))
    assert [row["path"] for row in listed if not row["kept"]] == []


def test_a_chain_is_started_once_and_a_tick_may_come_as_often_as_it_likes(bct: Experiment) -> None:
    heading = Heading(key=uuid4(), kind=SetKind.CHAIN)
    chain, is_new = start_chain(heading, three_steps(bct), user=None)
    again, is_new_too = start_chain(heading, three_steps(bct), user=None)
    assert (again.pk, is_new, is_new_too) == (chain.pk, True, False)
    for _time in range(3):
        assert not tick.tick(chain.pk)
    assert Run.objects.count() == 1


def test_a_step_whose_file_is_not_there_is_refused_and_says_what_is(bct: Experiment) -> None:
    chain = begin(three_steps(bct, pattern="**/best.onnx"))
    carry_out(chain, "train")
    why = str(chain.steps.get(name="quant").why)
    assert "matches **/best.onnx; there are: weights/best.bin, weights/best.pt" in why
    assert (states(chain), chain.state) == (["succeeded", "refused", "waiting"], "failed")


def test_of_several_files_one_must_be_picked(bct: Experiment) -> None:
    chain = begin(three_steps(bct, pattern="weights/*.pt"))
    carry_out(chain, "train")
    assert "weights/best.pt, weights/last.pt" in str(chain.steps.get(name="quant").why)


def test_a_chain_is_resumed_from_the_step_that_failed(bct: Experiment, client: Client) -> None:
    script = Path(bct.path) / "export.py"
    script.write_text("raise SystemExit(3)")
    chain = begin(three_steps(bct))
    train = carry_out(chain, "train")
    first = carry_out(chain, "quant")
    assert (states(chain), chain.state) == (["succeeded", "failed", "waiting"], "failed")
    assert changed_since(chain.steps.all()) == []
    script.write_text(EXPORT)
    (change,) = changed_since(chain.steps.all())
    said = f"export.py was changed since run {first.pk} started it."
    assert message_text(change) == said
    client.force_login(make_member("Engineer", "minsu"))
    assert said in client.get(chain.get_absolute_url()).text
    chain = changing.resume(chain, user=None)
    quant = chain.steps.get(name="quant")
    assert (quant.attempt, quant.earlier) == (2, [first.pk])
    carry_out(chain, "quant")
    carry_out(chain, "infer")
    assert (chain.state, Run.objects.filter(type="train").count()) == ("succeeded", 1)
    assert chain.steps.get(name="train").run == train
    with pytest.raises(RefusedError, match="cannot be resumed"):
        changing.resume(chain, user=None)


def test_a_cancelled_chain_starts_nothing_more(bct: Experiment) -> None:
    chain = begin(three_steps(bct))
    assert changing.cancel_set(chain, user=None)
    chain.refresh_from_db()
    assert (states(chain), chain.state) == (["cancelled"] * 3, SetState.CANCELLED)
    assert not changing.cancel_set(chain, user=None)


def test_a_step_cancelled_by_itself_ends_the_chain(bct: Experiment) -> None:
    chain = begin(three_steps(bct))
    run = chain.steps.get(name="train").run
    assert run is not None
    assert cancel(run, user=None)
    tick.tick_all()
    chain.refresh_from_db()
    assert (states(chain), chain.state) == (["cancelled", "waiting", "waiting"], "cancelled")


HARD_CODED = """\
from pathlib import Path
Path("answer.json").write_text('{"bytes": %d}' % len(Path("weights/best.pt").read_bytes()))
"""


def test_a_hard_coded_path_must_hold_what_the_earlier_step_made(bct: Experiment) -> None:
    (Path(bct.path) / "infer.py").write_text(HARD_CODED)
    specs = [
        StepSpec(experiment=bct, type="train", name="train"),
        StepSpec(
            experiment=bct,
            type="infer",
            name="infer",
            reads={"weights/best.pt": FromStep(step="train", file="weights/best.pt")},
        ),
    ]
    chain = begin(specs)
    carry_out(chain, "train")
    weights = Path(bct.path) / "weights" / "best.pt"
    right = weights.read_bytes()
    weights.write_bytes(b"of another run")
    refused = carry_out(chain, "infer")
    assert refused.status == "errored"
    assert "weights/best.pt is not what step train" in refused.status_reason
    weights.write_bytes(right)
    chain = changing.resume(chain, user=None)
    assert carry_out(chain, "infer").status == "succeeded"
    weights.unlink()


def test_what_a_chain_may_still_hand_over_is_not_removed(
    bct: Experiment, settings: Settings
) -> None:
    settings.GUARDIANFLOW_KEEP_RUNS_DAYS = 1
    chain = begin(three_steps(bct))
    train = carry_out(chain, "train")
    Run.objects.filter(pk=train.pk).update(
        mlflow_state="sent",
        started_at="2020-01-01T00:00Z",
        finished_at="2020-01-01T00:01Z",
    )
    host = executor().place
    assert retention.plan(host) == []
    changing.cancel_set(chain, user=None)
    assert retention.plan(host) == []
    RunSet.objects.update(ended_at=timezone.now() - timedelta(days=retention.RESUME_DAYS))
    assert [removal.run_pk for removal in retention.plan(host)] == [train.pk]


def test_a_maker_who_lost_the_right_starts_no_further_step(bct: Experiment) -> None:
    minsu = make_member("Engineer", "minsu")
    heading = Heading(key=uuid4(), kind=SetKind.CHAIN)
    chain, _new = start_chain(heading, three_steps(bct), user=minsu)
    minsu.groups.clear()
    carry_out(chain, "train")
    step = RunStep.objects.get(run_set=chain, name="quant")
    assert (step.state, str(step.why)) == (
        StepState.REFUSED,
        "minsu is not allowed to run scripts any more.",
    )


def test_only_sets_with_something_to_do_are_due(bct: Experiment) -> None:
    chain = begin(three_steps(bct))
    assert not due.movable_sets().exists()
    run = chain.steps.get(name="train").run
    assert run is not None
    launch.start(run.pk, host=executor().place)
    end(run)
    assert list(due.movable_sets()) == [chain]
    tick.tick_all()
    assert not due.movable_sets().exists()


def test_a_set_that_cannot_be_moved_on_stops_no_other(home: Home) -> None:
    experiment = home.experiment()
    for spec in ({"a key of a later version": 1}, {}):
        made = RunSet.objects.create(kind=SetKind.CHAIN, by_command=True)
        RunStep.objects.create(
            run_set=made, number=1, name="train", experiment=experiment, type="train", spec=spec
        )
    assert tick.tick_all() == 1
    assert list(RunStep.objects.order_by("pk").values_list("state", flat=True)) == [
        StepState.WAITING,
        StepState.QUEUED,
    ]


def test_a_stuck_set_is_logged_once_for_each_cause_and_its_page_says_why(
    bct: Experiment,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chain = begin(three_steps(bct))
    train = chain.steps.get(name="train").run
    assert train is not None
    launch.start(train.pk, host=executor().place)
    end(train)
    client.force_login(make_member("Engineer", "minsu"))
    with monkeypatch.context() as broken:
        for cause in ("a table\nof lead", "a table\nof lead", "another"):

            def fail(*_args: object, cause: str = cause, **_more: object) -> None:
                raise RuntimeError(cause)

            broken.setattr(tick, "_prepared", fail)
            tick.tick_all()
    told = [record for record in caplog.records if record.message == f"left set={chain.pk}"]
    assert [str(record.exc_info and record.exc_info[1]) for record in told] == [
        "a table\nof lead",
        "another",
    ]
    assert "It cannot go on: RuntimeError: another." in client.get(chain.get_absolute_url()).text
    tick.tick_all()
    assert states(chain) == ["succeeded", "queued", "waiting"]
    assert "It cannot go on" not in client.get(chain.get_absolute_url()).text


def test_a_terminal_resumes_a_chain_and_names_what_was_changed(
    bct: Experiment,
) -> None:
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "First")):
        git(Path(bct.path), *arguments)
    script = Path(bct.path) / "export.py"
    right = script.read_text()
    script.write_text("raise SystemExit(3)")
    chain = begin(three_steps(bct))
    train = carry_out(chain, "train")
    first = carry_out(chain, "quant")
    commit = git(Path(bct.path), "rev-parse", "HEAD")
    script.write_text(right)
    git(Path(bct.path), "commit", "-qam", "Repair the exporter", "--allow-empty")
    said = StringIO()
    out = StringIO()
    call_command(
        "pipeline", "run", f"--resume=#{chain.pk}", "--not-before=+2h", stdout=out, stderr=said
    )
    assert out.getvalue() == f"{chain.pk}\n"
    lines = said.getvalue().splitlines()
    assert f"guardianflow: export.py was changed since run {first.pk} started it." in lines
    for run in (train, first):
        (line,) = [line for line in lines if f"run {run.pk}" in line and commit[:10] in line]
        assert line.startswith("guardianflow: ")
    quant = chain.steps.get(name="quant")
    assert (quant.attempt, quant.earlier, quant.state) == (2, [first.pk], "queued")
    assert quant.run is not None
    assert quant.run.status_reason.startswith("Waits until ")
    for words in (("show",), ("run", "nightly")):
        with pytest.raises(CommandError, match="resumed by its number alone"):
            call_command("pipeline", *words, f"--resume={chain.pk}")
    with pytest.raises(CommandError, match="There is no run set 999"):
        call_command("pipeline", "run", "--resume=999")

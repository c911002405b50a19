"""Scenarios and pipelines, from the text of a file to queued runs."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone

from runs_app.choices import SetKind, SetState
from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunSet
from runs_app.sets.definitions import read
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, SCENARIO, SourceFile, source_file
from tests.factories import make_entry_point, make_experiment, make_script, make_zone
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

NIGHTLY = """\
description: all of Sampyo
runs:
  - where: {customer: sampyo, task: bct}
    type: train
    params: {epochs: 1}
  - experiment: sampyo-gone
    type: train
"""
EDGE = """\
experiment: sampyo-gimhae-bct
steps:
  - name: train
    type: train
  - name: quant
    type: quant
    params:
      weights: {from: train, file: "*best.pt"}
"""
EPOCHS: dict[str, object] = {"name": "epochs", "flag": "--epochs", "type": "int", "default": 3}


def file_of(text: str, name: str = "nightly") -> SourceFile:
    return SourceFile(path=f"scenario/{name}.yaml", data=text.encode())


@pytest.fixture
def twenty(home: Home) -> None:
    """Nineteen experiments of Sampyo, two of them without their directory; the file adds one."""
    zone = make_zone()
    for number in range(17):
        home.experiment(f"sampyo-{number:02}", parameters=[EPOCHS]).save()
    for name in ("sampyo-a", "sampyo-b"):
        lost = make_experiment(name, zone=zone)
        make_entry_point(lost)
        make_script(lost, parameters=[EPOCHS])


def test_three_refusals_among_twenty_queue_nothing_and_are_all_said(twenty: None) -> None:
    scenario = read(file_of(NIGHTLY), SCENARIO)
    assert len(scenario.wanted()) == 20
    with pytest.raises(RefusedError) as refused:
        start_file(scenario, key=uuid4(), user=None)
    said = str(refused.value).splitlines()
    assert said[0] == "Nothing was queued; 3 of 20 are refused:"
    assert [line.partition(":")[0] for line in said[1:]] == ["sampyo-a", "sampyo-b", "sampyo-gone"]
    assert not Run.objects.exists()


def test_left_out_the_other_seventeen_are_queued_once_also_after_a_crash(twenty: None) -> None:
    scenario, key = read(file_of(NIGHTLY), SCENARIO), uuid4()
    inserted: list[str] = []

    def die(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if sql.startswith('INSERT INTO "runs_app_run" '):
            inserted.append(sql)
            if len(inserted) == 9:
                raise OperationalError("the machine died")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die), pytest.raises(OperationalError):
        start_file(scenario, key=key, user=None, leave_out=True)
    assert not Run.objects.exists()
    made, is_new = start_file(scenario, key=key, user=None, leave_out=True)
    again, is_new_too = start_file(scenario, key=key, user=None, leave_out=True)
    assert (again.pk, is_new, is_new_too) == (made.pk, True, False)
    assert (Run.objects.count(), RunSet.objects.count()) == (17, 1)
    assert [name for name, _why in made.left_out] == ["sampyo-a", "sampyo-b", "sampyo-gone"]
    assert (made.kind, made.source, len(made.digest)) == (
        SetKind.SCENARIO,
        "scenario/nightly.yaml",
        64,
    )


def test_a_pipeline_is_a_chain(home: Home) -> None:
    bct = home.experiment()
    (Path(bct.path) / "export.py").write_text("print(1)")
    make_entry_point(bct, "quant", "export.py")
    weights: dict[str, object] = {"name": "weights", "flag": "--weights"}
    make_script(bct, "export.py", types=["quant"], parameters=[weights])
    made, _new = start_file(read(file_of(EDGE, "edge"), PIPELINES), key=uuid4(), user=None)
    assert (made.kind, made.state) == (SetKind.CHAIN, SetState.ACTIVE)
    assert list(made.steps.values_list("name", "state")) == [
        ("train", "queued"),
        ("quant", "waiting"),
    ]


@pytest.mark.parametrize(
    ("text", "folder", "problem"),
    [
        ("runs: []", SCENARIO, "runs lists nothing"),
        ("runs:\n  - type: train", SCENARIO, ":2: runs[1] names no experiment"),
        ("runs:\n  - {experiment: a, where: {task: b}, type: train}", SCENARIO, "has both"),
        ("runs:\n  - {experiment: a, type: trian}", SCENARIO, "has no type"),
        ("runs:\n  - {experiment: a, type: train, parms: {}}", SCENARIO, "params"),
        ("steps:\n  - {name: a, type: train}", PIPELINES, "names no experiment"),
        ("experiment: x\nsteps:\n  - {name: a b, type: train}", PIPELINES, "is no name of a step"),
        (
            "experiment: x\nsteps:\n  - {name: a, type: train}\n  - {name: a, type: eval}",
            PIPELINES,
            "two steps named a",
        ),
        (
            "experiment: x\nsteps:\n  - {name: a, type: train, params: {w: {from: b}}}",
            PIPELINES,
            "is no value",
        ),
        ("runs: [", SCENARIO, "nightly.yaml"),
        ("runs:\n" + "  - {experiment: a, type: train}\n" * 201, SCENARIO, "may list 200"),
        (
            "runs:\n  - {where: {task: b, zone: ''}, type: train}",
            SCENARIO,
            "where.zone has no value",
        ),
        ("runs:\n  - {where: {task: b, zone: }, type: train}", SCENARIO, "zone has no value"),
        (
            "runs:\n  - {experiment: a, type: train, environment: {A: {b: c}}}",
            SCENARIO,
            "environment.A is no value",
        ),
        ("runs:\n  - {experiment: a, type: train, priority: [1]}", SCENARIO, "priority"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(
    text: str, folder: str, problem: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        read(file_of(text), folder)
    assert problem in str(refused.value)


def test_files_at_hand_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / SCENARIO).mkdir()
    (tmp_path / SCENARIO / "nightly.yaml").write_text(NIGHTLY)
    assert source_file(SCENARIO, "nightly", base=tmp_path).data == NIGHTLY.encode()
    with pytest.raises(RefusedError, match="there are: nightly"):
        source_file(SCENARIO, "daily", base=tmp_path)
    with pytest.raises(RefusedError, match="GUARDIANFLOW_CORE_URL"):
        source_file(SCENARIO, "nightly")


def test_the_commands_show_refuse_and_queue(twenty: None, tmp_path: Path) -> None:
    (tmp_path / "nightly.yaml").write_text(NIGHTLY)
    place = f"--from={tmp_path}"
    with pytest.raises(CommandError, match="3 of 20 are refused"):
        call_command("scenario", "run", "nightly", place)
    with pytest.raises(CommandError, match="3 of 20 are refused"):
        call_command("scenario", "show", "nightly", place, stdout=StringIO())
    out = StringIO()
    call_command("scenario", "run", "nightly", place, "--leave-out", "--json", stdout=out)
    assert '"left_out": [' in out.getvalue()
    assert Run.objects.count() == 17
    with pytest.raises(CommandError, match="cannot be resumed"):
        call_command("pipeline", "run", f"--resume={RunSet.objects.get().pk}")


@pytest.mark.parametrize(("folder", "text"), [(SCENARIO, NIGHTLY), (PIPELINES, EDGE)])
def test_a_file_waits_for_a_time(home: Home, folder: str, text: str) -> None:
    experiment = home.experiment(parameters=[EPOCHS])
    make_entry_point(experiment, "quant", "train.py")
    assert experiment.zone is not None
    text = text.partition("  - experiment: sampyo-gone")[0]
    text = text.replace("customer: sampyo, task: bct", f"customer: {experiment.zone.site.customer}")
    if folder == PIPELINES:
        text = text.partition("  - name: quant")[0] + "  - name: quant\n    type: quant\n"
    when = timezone.now() + timedelta(hours=2)
    made, _new = start_file(read(file_of(text), folder), key=uuid4(), user=None, not_before=when)
    assert [run.not_before for run in Run.objects.all()] == [when]
    assert made.steps.last().spec["not_before"] in {None, when.isoformat()}  # type: ignore[union-attr]

"""A type sets what chooses it; one whose start no scan found is not started by chance."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.choices import FieldSource
from registry_app.fields import provenance
from registry_app.models import Experiment
from runs_app.exceptions import UnknownStartError
from runs_app.lifecycle.prepare import RunRequest, prepare
from tests.factories import change_entry_points, make_entry_point
from tests.runs_app.conftest import Home

pytestmark = pytest.mark.django_db

MODE: dict[str, object] = {"name": "mode", "flag": "--mode", "default": "train"}
EXPORT = {
    "args_template": "export --out {out}",
    "parameters": [{"name": "out", "flag": "--out", "default": "a.onnx"}],
}


@pytest.fixture
def several(home: Home) -> Experiment:
    """A script that trains and infers by its mode, exports by a sub-command, and evaluates."""
    experiment = home.experiment(parameters=[MODE], template="--mode {mode}")
    experiment.scripts.update(
        types=["train", "infer", "quant", "eval"],
        type_starts={
            "train": {},
            "infer": {"fixed": {"mode": "predict"}},
            "quant": EXPORT,
        },
        args_template="--mode {mode}",
    )
    for kind in ("infer", "eval"):
        make_entry_point(experiment, kind)
    make_entry_point(experiment, "quant", args_template="export --out {out}")
    fields = [f"entry_points.{kind}.default" for kind in ("train", "infer", "quant", "eval")]
    provenance.record(experiment, fields, source=FieldSource.SCANNED, by=None)
    return experiment


def words(experiment: Experiment, kind: str, **wanted: Any) -> list[str]:
    return list(prepare(RunRequest(experiment=experiment, type=kind, **wanted)).argv[2:])


def test_each_type_is_passed_to_the_script(several: Experiment) -> None:
    assert words(several, "train") == []
    assert words(several, "infer") == ["--mode", "predict"]
    assert words(several, "infer", params={"mode": "look"}) == ["--mode", "look"]
    assert words(several, "quant") == ["export"]
    assert words(several, "quant", params={"out": "b.onnx"}) == ["export", "--out", "b.onnx"]


def test_what_a_person_fixed_goes_before_the_choice_of_the_scan(several: Experiment) -> None:
    change_entry_points(several, args_template="--mode detect")
    assert words(several, "infer") == ["--mode", "detect"]
    change_entry_points(several, args_template="", parameters=[MODE | {"default": "see"}])
    assert words(several, "infer") == ["--mode", "see"]
    change_entry_points(several, parameters=[{"name": "epochs", "flag": "--epochs"}])
    assert words(several, "infer") == ["--mode", "predict"]


def test_a_type_whose_start_is_not_known_is_refused_unless_a_person_chose_it(
    several: Experiment,
) -> None:
    with pytest.raises(UnknownStartError, match=r"select this one \(eval\)") as reported:
        words(several, "eval")
    assert reported.value.can_be_forced
    assert words(several, "eval", force=True) == []
    provenance.record(several, ["entry_points.eval.default"], source=FieldSource.CURATED, by=None)
    assert words(several, "eval") == []


def test_a_type_that_the_scan_did_not_find_is_told_too_where_a_mode_names_it(
    several: Experiment,
) -> None:
    several.scripts.update(types=["train"], type_starts={"infer": {"fixed": {"mode": "predict"}}})
    several.entry_points.exclude(type="train").delete()
    assert words(several, "infer", script="train.py") == ["--mode", "predict"]
    several.scripts.update(type_starts={})
    prepared = prepare(RunRequest(experiment=several, type="infer", script="train.py"))
    assert list(prepared.argv[2:]) == []
    assert "train.py matches none of the patterns for infer." in map(str, prepared.warnings)


def test_scripts_that_no_scan_has_looked_at_since_the_upgrade_start_as_before(
    several: Experiment,
) -> None:
    several.scripts.update(type_starts=None)
    assert words(several, "eval") == []
    assert words(several, "infer") == []

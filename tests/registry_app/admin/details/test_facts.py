"""The facts of a page come from the table of fields; a guess shows its evidence."""

from __future__ import annotations

import pytest

from registry_app.admin.details.facts import entry_point_facts, experiment_facts, place_facts
from registry_app.choices import FieldSource
from registry_app.fields.names import value_of
from registry_app.models import EntryPoint, Experiment, FieldProvenance
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS
from tests.factories import make_zone

SECRET = "hunter2hunter2"


def bct(**fields: object) -> Experiment:
    return Experiment(pk=7, name="sampyo-gimhae-bct", path="~/experiments/bct", **fields)


def guessed(field: str, evidence: str) -> dict[str, FieldProvenance]:
    row = FieldProvenance(
        experiment_id=7, field=field, source=FieldSource.SCANNED, evidence=evidence
    )
    return {field: row}


def test_every_field_that_is_known_is_shown_and_no_other() -> None:
    row = bct(task_type="bct", classes=["helmet", "vest"], stage_held=2, notes="first\nsecond")
    facts = {fact.field: fact.text for fact in experiment_facts(row, {})}
    known = [field.name for field in EXPERIMENT_FIELDS if value_of(field, row)]
    assert list(facts) == known
    assert facts["task.classes"] == "helmet, vest"
    assert "2" not in facts["stage"], "a choice is shown by its label"


def test_a_field_of_an_entry_point_needs_no_code_here_to_be_shown() -> None:
    entry = EntryPoint(
        type="train",
        experiment=bct(),
        default_script="train.py",
        patterns=["train*.py"],
        args_template="--epochs {epochs}",
        parameters=[{"name": "epochs", "default": 40}, {"name": "data"}],
        interpreter="portal",
        working_directory="src",
        start="module",
        reads=["weights/best.pt"],
        environment={"PPE_DATA": "/nas/ppe"},
        **dict.fromkeys(("gpus", "gpu_memory_mib", "timeout_s", "grace_s", "log_limit_mib"), 1),
        overlap=False,
        background=True,
        buffered=True,
    )
    facts = {fact.field: fact.text for fact in entry_point_facts(entry, {})}
    assert list(facts) == [field.name for field in ENTRY_POINT_FIELDS]
    assert facts["parameters"] == "epochs = 40\ndata"
    assert (facts["environment"], facts["resources.overlap"]) == ("PPE_DATA=/nas/ppe", "no")


def test_secrets_are_masked() -> None:
    entry = EntryPoint(
        type="train",
        experiment=bct(),
        args_template=f"--password {SECRET}",
        parameters=[{"name": "api_key", "default": SECRET}],
    )
    shown = "".join(fact.text for fact in entry_point_facts(entry, {}))
    assert "api_key" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("field", "is_guess"), [("task.classes", True), ("path", False), ("owner", False)]
)
def test_a_guess_is_marked_with_its_evidence(field: str, is_guess: bool) -> None:
    row = bct(classes=["helmet"], owner="Doyun")
    origins = guessed(field, "data/ppe.yaml:4") if field != "owner" else {}
    fact = next(item for item in experiment_facts(row, origins) if item.field == field)
    assert fact.is_guess is is_guess
    assert ("data/ppe.yaml:4" in fact.evidence) is is_guess


@pytest.mark.django_db
def test_a_place_shows_its_columns_and_leads_to_the_place_around_it() -> None:
    zone = make_zone("sampyo", "gimhae", "plant1", "mixer")
    facts = {fact.field: fact for fact in place_facts(zone)}
    assert list(facts) == ["site", "name"]
    assert facts["site"].address == f"/admin/registry_app/site/{zone.site_id}/"
    assert facts["name"].text == "mixer"

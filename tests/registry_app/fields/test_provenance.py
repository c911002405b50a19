"""Where each value comes from is written down, once a field."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry_app.choices import FieldSource
from registry_app.document.model import Evidence
from registry_app.fields import provenance
from registry_app.messages import plain
from registry_app.models import FieldProvenance
from tests.factories import make_experiment, make_user

pytestmark = pytest.mark.django_db


def test_an_origin_says_who_when_and_why() -> None:
    jiwoo = make_user("jiwoo")
    why = Evidence(confidence="sure", source="data.yaml:3", reason=(plain("names"),))
    provenance.record(
        make_experiment(),
        ["task.classes", "owner"],
        source=FieldSource.SCANNED,
        by=jiwoo,
        evidence={"task.classes": why},
    )
    classes = FieldProvenance.objects.get(field="task.classes")
    assert (classes.confidence, classes.evidence, classes.reasons) == (
        "sure",
        "data.yaml:3",
        [["text", "names"]],
    )
    assert classes.by == jiwoo
    owner = FieldProvenance.objects.get(field="owner")
    assert (owner.confidence, owner.evidence) == ("", "")


def test_a_later_origin_replaces_the_earlier_with_its_reasons() -> None:
    experiment = make_experiment()
    why = Evidence(confidence="sure", source="data.yaml:3", reason=(plain("names"),))
    provenance.record(experiment, ["owner"], source=FieldSource.SCANNED, evidence={"owner": why})
    before = FieldProvenance.objects.get()
    provenance.record(experiment, ["owner"], source=FieldSource.CURATED, by=make_user())
    after = FieldProvenance.objects.get()
    assert (after.source, after.evidence, after.reasons) == (FieldSource.CURATED, "", [])
    assert after.by is not None
    assert after.at > before.at


def test_the_origins_of_others_are_left_alone() -> None:
    one, other = make_experiment("one"), make_experiment("other")
    provenance.record(one, ["owner"], source=FieldSource.SCANNED)
    provenance.record(other, ["owner", "notes"], source=FieldSource.CURATED)
    assert [row.source for row in one.provenance.all()] == [FieldSource.SCANNED]


def test_long_reasons_are_cut() -> None:
    why = Evidence(confidence="sure", source="a" * 900, reason=(plain("b" * 900),))
    provenance.record(
        make_experiment(), ["owner"], source=FieldSource.SCANNED, evidence={"owner": why}
    )
    row = FieldProvenance.objects.get()
    assert (len(row.evidence), len(row.reasons[0][1])) == (500, 400)


def test_many_fields_need_one_query_and_a_field_stands_once() -> None:
    experiment = make_experiment()
    with CaptureQueriesContext(connection) as asked:
        fields = [f"field{number}" for number in range(20)]
        provenance.record(experiment, fields * 2, source=FieldSource.CURATED)
    assert len([query for query in asked if "INSERT" in query["sql"]]) == 1
    assert FieldProvenance.objects.count() == 20


def test_no_field_is_no_origin() -> None:
    provenance.record(make_experiment(), [], source=FieldSource.CURATED)
    assert not FieldProvenance.objects.exists()

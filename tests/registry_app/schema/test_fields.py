"""An incomplete table of fields stops the start and says what to add."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from registry_app.document.model import EntryPointDocument, ExperimentDocument
from registry_app.fields.documents import check_documents
from registry_app.models import EntryPoint, Experiment
from registry_app.schema.fields import Field, FieldKind, Section, check, form_rows
from registry_app.schema.table import ENTRY_POINT_FIELDS, EXPERIMENT_FIELDS, keys_of

ENTRY_POINT_STRUCTURE = {"experiment", "type"}


def field(name: str) -> Field:
    return next(item for item in (*EXPERIMENT_FIELDS, *ENTRY_POINT_FIELDS) if item.name == name)


def without(name: str) -> list[Field]:
    return [item for item in ENTRY_POINT_FIELDS if item.name != name]


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        (without("interpreter"), "EntryPoint.interpreter has no row"),
        (
            [*without("patterns"), replace(field("patterns"), kind=FieldKind.TEXT)],
            "“patterns” of .* has the kind text, whose column is a CharField, not a JSONField",
        ),
        (
            [*without("default"), replace(field("default"), lookup="default_scrip")],
            "no field named 'default_scrip'. Add the column",
        ),
        ([*ENTRY_POINT_FIELDS, field("default")], "Two rows of .* have the name “default”"),
        (
            [*ENTRY_POINT_FIELDS, replace(field("default"), name="other", lookup="grace_s")],
            "“other” of .* has the kind script",
        ),
    ],
)
def test_an_incomplete_table_is_refused_with_its_fix(fields: list[Field], reported: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=reported) as caught:
        check(fields, EntryPoint, other=ENTRY_POINT_STRUCTURE)
    assert "registry_app/schema/table.py" in str(caught.value)


def test_a_row_does_not_forget_whether_it_decides_what_runs() -> None:
    with pytest.raises(TypeError, match="is_command"):
        Field(  # type: ignore[call-arg]
            name="x", model=EntryPoint, lookup="x", kind=FieldKind.TEXT, section=Section.TASK, row=1
        )


def test_a_document_has_what_the_table_has() -> None:
    with pytest.raises(ImproperlyConfigured, match="has “interpreter”, which has no row"):
        check_documents(without("interpreter"), EntryPointDocument())
    more = [*EXPERIMENT_FIELDS, replace(field("owner"), name="task.budget")]
    with pytest.raises(ImproperlyConfigured, match=r"lacks an attribute for “task\.budget”"):
        check_documents(more, ExperimentDocument(name="", path=""))


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("stage", (1, 5)),
        ("resources.gpus", (0, 32_767)),
        ("resources.gpu_memory_mib", (0, 2**31 - 1)),
        ("resources.timeout_s", (1, 2**31 - 1)),
        ("resources.grace_s", (0, 86_400)),
        ("resources.log_limit_mib", (1, 2**31 - 1)),
    ],
)
def test_numbers_have_the_range_of_their_column(name: str, bounds: tuple[int, int]) -> None:
    assert field(name).bounds == bounds


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("path", 1000),
        ("site.customer", 100),
        ("site.zone", 100),
        ("task.type", 60),
        ("task.classes", 200),
        ("owner", 150),
        ("notes", 20_000),
        ("default", 500),
        ("patterns", 200),
        ("args_template", 4000),
    ],
)
def test_texts_have_the_length_of_their_column(name: str, limit: int) -> None:
    assert field(name).limit == limit


@pytest.mark.parametrize(
    ("name", "empty"),
    [("owner", ""), ("notes", ""), ("aliases", []), ("stage", None), ("resources.overlap", None)],
)
def test_empty_is_what_the_column_calls_so(name: str, empty: object) -> None:
    assert field(name).empty == empty


def test_the_form_has_every_field_once() -> None:
    for fields, model in ((EXPERIMENT_FIELDS, Experiment), (ENTRY_POINT_FIELDS, EntryPoint)):
        shown = [
            name
            for section in Section
            for row in form_rows(fields, section)
            for name in (row if isinstance(row, tuple) else [row])
        ]
        assert sorted(shown) == sorted(item.form_name for item in fields), model


def test_the_file_has_entry_points_after_the_task() -> None:
    assert keys_of(EXPERIMENT_FIELDS) == (
        *(
            "path",
            "site",
            "task",
            "entry_points",
            "stage",
            "stage_reason",
            "owner",
            "notes",
            "aliases",
        ),
    )
    assert keys_of(ENTRY_POINT_FIELDS)[-1] == "resources"

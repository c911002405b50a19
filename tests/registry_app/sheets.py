"""Files as spreadsheet programs write them, and rows that a spreadsheet could spoil."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import tablib
from django.conf import settings
from django.contrib.auth.models import User
from import_export.formats.base_formats import CSV, XLSX
from import_export.results import Result

from registry_app.choices import EntryPointType
from registry_app.document.reader import dump
from registry_app.fields.rows import document_from_rows
from registry_app.models import (
    Customer,
)
from tests.factories import make_entry_point, make_experiment

FORMATS = [CSV, XLSX]


def a_path(name: str = "sampyo-gimhae-bct") -> str:
    return str(settings.GUARDIANFLOW_ROOTS[0] / name)


def file_of(resource: Any, kind: Any = CSV) -> bytes:
    """Return the bytes of an exported file."""
    data = kind().export_data(resource().export())
    return data if isinstance(data, bytes) else data.encode()


def sheet(headers: list[str], *rows: list[Any], kind: Any = CSV) -> bytes:
    """Return the bytes of a file as a spreadsheet program writes it."""
    if kind is CSV:
        text = tablib.Dataset(*rows, headers=headers).export("csv")
        assert isinstance(text, str)
        return text.encode()
    book = openpyxl.Workbook()
    for row in (headers, *rows):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def bring_in(
    resource: Any, data: bytes, kind: Any = CSV, *, dry_run: bool = False, user: User | None = None
) -> Result:
    dataset = kind(encoding="utf-8-sig").create_dataset(data)
    return resource().import_data(dataset, dry_run=dry_run, user=user, file_name="지우.xlsx")


def problems(result: Result) -> str:
    said = [str(error.error) for error in result.base_errors]
    said += [str(error.error) for _number, row in result.row_errors() for error in row]
    said += [str(row.error_dict) for row in result.invalid_rows]
    return "\n".join(said)


def imported(resource: Any, data: bytes, kind: Any = CSV, user: User | None = None) -> Result:
    result = bring_in(resource, data, kind, user=user)
    assert not problems(result)
    return result


def now() -> str:
    return dump(document_from_rows())


def a_registry() -> None:
    """Rows with everything that a spreadsheet could spoil."""
    experiment = make_experiment(
        path=a_path(),
        classes=["안전모", "vest, red", "[x]"],
        aliases=["=cmd|' /C calc'!A0", "나"],
        notes="첫 줄\n둘째 줄",
        owner="@지우",
        stage_held=2,
    )
    make_entry_point(
        experiment,
        patterns=["train*.py", "[ab].py"],
        args_template="--epochs {epochs}",
        parameters=[{"name": "에폭", "flag": "--epochs", "default": 3}],
        overlap=False,
        gpus=0,
        timeout_s=60,
    )
    make_entry_point(experiment, EntryPointType.INFER, "infer.py", overlap=True)
    make_experiment("empty", path=a_path("empty"), zone=None, task_type="")
    Customer.objects.update(display_name="삼표")

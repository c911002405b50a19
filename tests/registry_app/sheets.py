"""Files as spreadsheet programs write them, and rows that a spreadsheet could spoil."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import tablib
from django.conf import settings
from django.contrib.auth.models import User
from import_export.formats.base_formats import CSV, XLSX

from registry_app.changes.plan import Plan
from registry_app.choices import EntryPointType, ImportKind
from registry_app.document.reader import dump
from registry_app.exceptions import Problem, RegistryFileError
from registry_app.fields.rows import document_from_rows
from registry_app.imports.uploaded import ImportFile, apply_planned, digests_of, plan_import
from registry_app.models import ChangeSet, Customer
from registry_app.resources.sheet_reader import SHEETS
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


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What became of a sheet: its plan and what was written, or what was wrong."""

    plan: Plan | None = None
    made: ChangeSet | None = None
    problems: tuple[Problem, ...] = ()


def bring_in(
    resource: Any, data: bytes, *, dry_run: bool = False, user: User | None = None
) -> Brought:
    """Import a sheet as a page does: planned, and applied unless something is wrong."""
    kind = next(kind for kind, known in SHEETS.items() if known is resource)
    file = ImportFile(kind=ImportKind(kind), name="지우.xlsx", data=data)
    try:
        plan = plan_import(file, by=user)
    except RegistryFileError as error:
        return Brought(problems=error.problems)
    made = None if dry_run else apply_planned(file, plan, digests_of(plan), by=user)
    return Brought(plan=plan, made=made)


def problems(result: Brought) -> str:
    return "\n".join(
        f"{problem.line} {problem.column}: {problem.message}" for problem in result.problems
    )


def imported(resource: Any, data: bytes, user: User | None = None) -> Plan:
    result = bring_in(resource, data, user=user)
    assert not problems(result)
    assert result.plan is not None
    return result.plan


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

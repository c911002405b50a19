"""The accepted names of a sheet's columns: keys of the registry file, labels and other words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import override

from registry_app.models import Customer, Experiment, Site
from registry_app.resources.base import SheetResource

# Columns of sheets that are not fields of the registry, or that have other labels in sheets.
_LABELLED: Mapping[str, Any] = {
    "customer": Site._meta.get_field("customer"),
    "region": Site._meta.get_field("region"),
    "plant": Site._meta.get_field("plant"),
    "zone": Experiment._meta.get_field("zone"),
    "display_name": Customer._meta.get_field("display_name"),
}
# Other headings in lists that users keep by hand.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "name": ("실험", "실험명", "실험 이름", "디렉터리", "폴더", "experiment", "directory"),
    "path": ("폴더 경로", "디렉터리 경로"),
    "customer": ("고객", "고객명", "고객사명", "업체", "업체명", "회사"),
    "region": ("지역명", "소재지"),
    "plant": ("공장명", "사업장", "현장", "site"),
    "zone": ("구역명", "설치 구역", "영역"),
    "task": ("과제", "과제 유형", "작업", "작업 유형", "태스크"),
    "classes": ("클래스 목록", "검출 대상", "labels"),
    "stage": ("단계", "진행 단계", "고정한 단계"),
    "stage_reason": ("단계 사유", "고정 사유"),
    "owner": ("담당", "책임자"),
    "notes": ("비고", "참고", "설명", "note", "remark", "remarks"),
    "aliases": ("별명", "다른 이름", "alias"),
    "experiment": ("실험명", "실험 이름"),
    "type": ("종류", "구분"),
    "default": ("스크립트", "script"),
    "display_name": ("표시명", "고객 표시 이름"),
}


class Headings:
    """The headings of one kind of sheet in all languages of the portal."""

    _cache: ClassVar[dict[type[SheetResource], Headings]] = {}

    def __init__(self, resource: type[SheetResource]) -> None:
        columns = [field.column_name for field in resource().get_import_fields()]
        self._columns: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._labels = {column: _field(resource, column) for column in columns}
        words = {column: _words(self._labels[column], column) for column in columns}
        # A key of the registry file means itself, even if a label has the same text.
        for column in columns:
            self._add(column, column)
        for column, spellings in words.items():
            for word in spellings:
                self._add(word, column)

    @classmethod
    def of(cls, resource: type[SheetResource]) -> Headings:
        """Return the headings of a kind of sheet."""
        if resource not in cls._cache:
            cls._cache[resource] = cls(resource)
        return cls._cache[resource]

    def column(self, heading: str) -> str | None:
        """Return the column that a heading means, ignoring case and blanks."""
        return self._columns.get(folded(heading)) if heading else None

    def all(self) -> list[str]:
        """Return all known headings, as users write them."""
        return list(self._shown.values())

    def label(self, column: str) -> str:
        """Return the key of a column, with its label in the active language if that differs."""
        label = self._labels.get(column)
        word = str(label.verbose_name) if label is not None else column
        return column if folded(word) == folded(column) else f"{word} ({column})"

    def _add(self, word: str, column: str) -> None:
        if folded(word) not in self._columns:
            self._columns[folded(word)] = column
            self._shown[folded(word)] = word


def _words(label: Any, column: str) -> list[str]:
    """Return the names of a column: its label in each language, then other words."""
    found = []
    for code, _name in settings.LANGUAGES:
        if label is not None:
            with override(code):
                found.append(str(label.verbose_name))
    return [*found, *_ALSO.get(column, ())]


def _field(resource: type[SheetResource], column: str) -> Any:
    """Return the model field of a column, which has its label; None if there is none."""
    for field in resource.table:
        if field.sheet_heading == column:
            return field
    try:
        return _LABELLED.get(column) or resource.Meta.model._meta.get_field(column)
    except FieldDoesNotExist:
        return None


def folded(text: str) -> str:
    """Return a heading normalized for comparison: Hangul in one form, no case, blanks or signs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())

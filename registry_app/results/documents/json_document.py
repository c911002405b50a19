"""Whole JSON documents: histories, trainer states, summaries, results per class.

The kind of a document is recognised by its keys and the shapes of its values.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from registry_app.messages import Text
from registry_app.results import reasons
from registry_app.results.documents import (
    histories,
    inner_lists,
    per_class,
    rows_of_objects,
    summaries,
)
from registry_app.results.documents.lenient import NoJsonError, loads
from registry_app.results.documents.values import Values
from registry_app.results.lines import decode_all
from registry_app.results.rows import ResultReader, Row

MAX_BYTES = 16 * 2**20
# Two of these keys mark a document as data.
_DATA_KEYS = frozenset(
    "images annotations categories licenses info shapes imagePath imageData version nodes edges "
    "features geometry cells nbformat predictions detections bboxes segments tracks".split()
)


class JsonDocument(ResultReader):
    """Reads one document at its end; `params` are the parameters of the run that wrote it."""

    name = "json"
    is_document: ClassVar[bool] = True
    max_bytes: ClassVar[int] = MAX_BYTES
    broken: ClassVar[Text] = reasons.BROKEN_JSON

    def __init__(self, path: str = "", *, params: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._path = path
        self._params = params or {}
        self._values = Values(self.skip)
        self._data = bytearray()
        self._is_too_large = False

    def feed(self, data: bytes) -> Iterator[Row]:
        self._is_too_large = self._is_too_large or len(self._data) + len(data) > self.max_bytes
        if self._is_too_large:
            self._data.clear()
        else:
            self._data += data
        return iter(())

    def end(self) -> Iterator[Row]:
        if self._is_too_large:
            self.reason = reasons.TOO_LARGE(mebibytes=self.max_bytes // 2**20)
            return
        try:
            data = self._parsed(decode_all(bytes(self._data)))
        except NoJsonError as error:
            self.reason = self.broken(line=error.line)
            return
        finally:
            self._data.clear()
        yield from self._rows(data)
        self.notes += self._values.notes()

    def _parsed(self, text: str) -> Any:
        """Return the document; raises NoJsonError."""
        return loads(text)

    def _rows(self, data: Any) -> Iterator[Row]:
        if isinstance(data, dict) and len(_DATA_KEYS & data.keys()) >= 2:
            self.reason = reasons.DATA()
            return
        stem = posixpath.splitext(posixpath.basename(self._path))[0]
        if isinstance(data, dict):
            yield from self._object(data, stem)
        elif isinstance(data, list):
            yield from self._list(data, stem)

    def _object(self, data: dict[str, Any], stem: str) -> Iterator[Row]:
        if isinstance(data.get("log_history"), list):
            self.name = "trainer-state"
            yield from rows_of_objects.rows(data["log_history"], self._values)
            return
        classes = [
            *per_class.rows_of_parallel_lists(data, self._values),
            *per_class.rows_of_matrix(data, self._values),
        ]
        found = classes or list(histories.rows(data, self._values))
        inner = list(inner_lists.rows(data, self._values))
        has_classes = bool(classes) or any(not row.axis for row in inner)
        found += inner
        self.name = "per-class" if has_classes else "history" if found else self.name
        yield from found
        # A history may have its last or its best values next to its lists.
        rest = data if not found else histories.scalars_of(data)
        yield from summaries.rows(rest, stem, params=self._params, values=self._values)

    def _list(self, data: list[Any], stem: str) -> Iterator[Row]:
        objects = [item for item in data if isinstance(item, dict)]
        if objects and len(objects) == len(data):
            if rows_of_objects.are_items(objects):
                self.reason = reasons.PREDICTIONS()
                return
            found = list(per_class.rows(objects, self._values))
            self.name = "per-class" if found else "history"
            yield from found or rows_of_objects.rows(objects, self._values)
            return
        yield from histories.rows_of_list(data, stem, self._values)

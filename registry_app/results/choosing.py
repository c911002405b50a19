"""Choose the reader of a file: first by its name, then by its beginning."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.documents.json_document import JsonDocument
from registry_app.results.documents.json_lines import JsonLines
from registry_app.results.documents.trainer_lines import TrainerLines
from registry_app.results.documents.yaml_document import YamlDocument
from registry_app.results.file_names import (
    DOCUMENTS,
    EVENT_FILE,
    TABLES,
    YAML,
    may_hold_results,
)
from registry_app.results.lines import decode
from registry_app.results.logs.reader import LogReader
from registry_app.results.numbers import number_of
from registry_app.results.rows import ResultReader
from registry_app.results.settings_files import is_settings_file
from registry_app.results.tables.csv_table import CsvTable
from registry_app.results.tables.event_file import EventFile
from registry_app.results.tables.yolov7 import YoloTable
from registry_app.results.words import is_metric


def choose(
    path: str, head: bytes, *, params: Mapping[str, str] | None = None
) -> ResultReader | Message:
    """Return a new reader for a file, or the reason why no reader accepts it.

    `path` is relative to the experiment, `head` the file's beginning: `reading.HEAD_BYTES` of it,
    or all.
    The reader is then fed from the first byte on, `head` included.
    """
    if is_settings_file(path):
        return reasons.SETTINGS_FILE()
    if not may_hold_results(path):
        return reasons.NOT_A_RESULT()
    if not head.strip():
        return reasons.EMPTY()
    return _reader(path, posixpath.basename(path).lower(), head, params or {})


def _reader(path: str, name: str, head: bytes, params: Mapping[str, str]) -> ResultReader:
    if EVENT_FILE in name:
        return EventFile()
    if TrainerLines.takes(path):
        return TrainerLines()
    if name.endswith((".jsonl", ".ndjson")):
        return JsonLines()
    if name.endswith(DOCUMENTS):
        return JsonLines() if _is_json_lines(head) else JsonDocument(path, params=params)
    if name.endswith(YAML):
        return YamlDocument(path, params=params)
    return CsvTable(path) if name.endswith(TABLES) else _text_reader(path, head)


def log_reader() -> LogReader:
    """Return a new reader for the output of a script: stdout or stderr."""
    return LogReader()


def _is_json_lines(head: bytes) -> bool:
    """Return whether each of the first two lines is a JSON object."""
    lines = [line for line in decode(head).lstrip("\ufeff").split("\n") if line.strip()]
    whole = [line.strip() for line in lines[:2]]
    return (
        len(whole) == 2 and all(part.startswith("{") for part in whole) and whole[0].endswith("}")
    )


def _text_reader(path: str, head: bytes) -> ResultReader:
    text = decode(head).lstrip("\ufeff")
    if YoloTable.takes(text):
        return YoloTable()
    if text.lstrip().startswith("{") and _is_json_lines(head):
        return JsonLines()
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if CsvTable.takes(text) or (is_metric(stem) and number_of(text.split("\n", 1)[0]) is not None):
        return CsvTable(path)
    return LogReader()

"""A third value for an open question, read from text and checked as in a registry file."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from registry_app.document.model import RegistryDocument
from registry_app.document.reader import load
from registry_app.document.vocabulary_reader import SECTION
from registry_app.exceptions import RegistryError, RegistryFileError
from registry_app.fields.documents import fields_of_document
from registry_app.fields.names import entry_point_fields, experiment_fields, split_field
from registry_app.messages import in_a_row, message_of, plain
from registry_app.models import Experiment, SyncQuestion
from registry_app.resources.cells import WordsWidget, widget_of
from registry_app.sync.identity import CUSTOMER, WORD
from registry_app.sync.wanted import path_of
from registry_app.texts.changes import NOTHING_DONE

_WORDS = frozenset({"aliases"})


def value_of(question: SyncQuestion, text: str) -> Any:
    """Return the value that a text means for the field; raises RegistryError if it has none."""
    if question.key.startswith(CUSTOMER):
        return WordsWidget().clean(text) if question.field in _WORDS else text.strip()
    if question.key.startswith(WORD):
        return _value_of_word(question, text)
    if question.field == "name":
        return next(iter(_read(text.strip(), {"path": _path_of(question)})))
    try:
        value = _cell(question.field, text)
    except ValueError as error:
        raise RegistryError(message_of(error).at(str(question))) from error
    if question.field == "path":
        return _read(question.name, {"path": value})[question.name]["path"]
    entry: dict[str, Any] = {"path": _path_of(question)}
    below = entry
    *sections, key = path_of(question.field)
    for section in sections:
        below = below.setdefault(section, {})
    below[key] = value
    return _read(question.name, entry)[question.name].get(question.field, value)


def _value_of_word(question: SyncQuestion, text: str) -> Any:
    """Return the value of a word's field; a silent word is one without a task."""
    word = question.key.removeprefix(WORD)
    content = {"experiments": {}, SECTION: {word: {"task": "", question.field: text.strip()}}}
    [document] = _loaded(content).vocabulary
    return getattr(document, question.field)


def _path_of(question: SyncQuestion) -> str:
    """Return the path by which the value is checked: that of the experiment, if it has a row."""
    row = Experiment.objects.filter(name=question.name).first()
    return row.path if row is not None else question.name


def _cell(name: str, text: str) -> Any:
    kind, field = split_field(name)
    fields = entry_point_fields if kind else experiment_fields
    return widget_of(fields[field].kind).clean(text)


def _read(name: str, entry: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of a file with this one entry; raises RegistryError with its problems."""
    document = _loaded({"experiments": {name: entry}})
    return {experiment.name: fields_of_document(experiment) for experiment in document.experiments}


def _loaded(content: dict[str, Any]) -> RegistryDocument:
    """Return a file with this content; raises RegistryError with its problems."""
    try:
        return load(json.dumps(content, ensure_ascii=False).encode())
    except RegistryFileError as error:
        problems = in_a_row(problem.message for problem in error.problems)
        raise RegistryError(NOTHING_DONE(problems=problems)) from error
    except UnicodeEncodeError as error:
        raise RegistryError(plain(_("The value is not a text."))) from error

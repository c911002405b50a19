"""Cells of a spreadsheet: every value as text that people can edit, and back the same.

A blank cell says nothing and leaves its field alone. A text that a spreadsheet would take for a
formula is written with an apostrophe before it, which reading takes off again.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from typing import Any

from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from registry_app.arguments.parameters import Parameter
from registry_app.document.reader import parameter_problems

_FORMULA = frozenset("=+-@\t\r\n|%")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})


def escape(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA or _looks_escaped(text) else text


def unescape(text: str) -> str:
    """Take back what `escape` did; any other text stays as it is."""
    return text[1:] if _looks_escaped(text) else text


def _looks_escaped(text: str) -> bool:
    return text[:1] == "'" and text[1:2] in {*_FORMULA, "'"}


def is_blank(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: Any, *, lines: bool = False) -> str:
    """Return what a cell says as text; raises ValueError for what is none.

    Spreadsheets turn `1` into a number and `3-1` into a day: the first can be taken back, the
    second cannot.
    """
    if is_blank(value):
        return ""
    if isinstance(value, dt.date | dt.datetime | dt.time | dt.timedelta):
        raise ValueError(
            _(
                "The spreadsheet made a date of this cell. Format the column as text and write it "
                "again."
            )
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unescape(str(value).replace("\r\n", "\n").replace("_x000D_", ""))
    if not lines:
        text = text.strip()
    allowed = "\n\t" if lines else ""
    if not text.isprintable() and any(
        unicodedata.category(one) in {"Cc", "Cs"} and one not in allowed for one in text
    ):
        raise ValueError(_("This cell holds control characters or line breaks. Take them out."))
    return text


class TextWidget(Widget):
    """A text; `lines` allows several lines."""

    def __init__(self, *, lines: bool = False) -> None:
        super().__init__()
        self._lines = lines

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return text_of(value, lines=self._lines)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else escape(str(value))


class NumberWidget(TextWidget):
    """A whole number from 0."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not (text.isascii() and text.isdecimal()):
            raise ValueError(_("“{text}” is no whole number.").format(text=text))
        return int(text)


class FlagWidget(TextWidget):
    """true or false."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value).casefold()
        if text not in _TRUE | _FALSE:
            raise ValueError(_("“{text}” is neither true nor false.").format(text=text))
        return text in _TRUE

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value).lower()


class WordsWidget(TextWidget):
    """A list of words: `helmet, vest`; as JSON where a word itself would be torn apart."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text.startswith("["):
            return [word.strip() for word in text.split(",") if word.strip()]
        words = _json(text)
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise ValueError(_('Write words with commas between, or a list like ["a", "b"].'))
        return words

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if not value:
            return ""
        text = ", ".join(value)
        try:
            plain = self.clean(escape(text)) == value
        except ValueError:
            plain = False
        return escape(text if plain else json.dumps(value, ensure_ascii=False))


class ParametersWidget(TextWidget):
    """A list of parameters as JSON; the keys are those of the registry file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        rows = _json(text_of(value))
        if not (isinstance(rows, list) and all(isinstance(one, dict) for one in rows)):
            raise ValueError(
                _('Write a list of parameters, for example [{"name": "epochs", "default": 3}].')
            )
        if not all(isinstance(one.get("name"), str) and one["name"] for one in rows):
            raise ValueError(_('Every parameter needs a "name".'))
        if problems := parameter_problems(rows):
            raise ValueError(
                _("A parameter of these keys is not understood: {problem}").format(
                    problem=" ".join(problems)
                )
            )
        return [Parameter.from_json(one).to_json() for one in rows]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""


class Cell(Field):
    """A column."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        # Always text: a workbook's own types would turn names into numbers and formulas.
        return str(self.widget.render(self.get_value(instance)))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(_("This is no JSON: {problem}").format(problem=error)) from error

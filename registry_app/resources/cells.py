"""Cells of a spreadsheet: every value as editable text that is read back unchanged.

A blank cell leaves its field alone. A text that a spreadsheet would take for a formula is written
with a leading apostrophe, which reading removes.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from import_export.fields import Field
from import_export.widgets import Widget

from registry_app.arguments.json_text import load_json
from registry_app.arguments.parameters import Parameter
from registry_app.arguments.problems import variable_problems
from registry_app.arguments.variables import from_lines, to_lines
from registry_app.document.reader import parameter_problems
from registry_app.messages import MessageError, in_a_row
from registry_app.schema.fields import LISTS, FieldKind
from registry_app.texts import cells as texts

_FORMULA = frozenset("=+-@\t\r\n|%")
_TRUE = frozenset({"true", "yes", "1", "예", "참", "o"})
_FALSE = frozenset({"false", "no", "0", "아니요", "아니오", "거짓", "x"})
# The errors in cells of formulas without a value.
_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
)


class CellError(MessageError, ValueError):
    """This cell cannot be read."""


def escape(text: str) -> str:
    """Return a text escaped so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in _FORMULA or _looks_escaped(text) else text


def unescape(text: str) -> str:
    """Revert `escape`; any other text is unchanged."""
    return text[1:] if _looks_escaped(text) else text


def _looks_escaped(text: str) -> bool:
    return text[:1] == "'" and text[1:2] in {*_FORMULA, "'"}


def is_blank(value: Any) -> bool:
    """Whether a cell is blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: Any, *, lines: bool = False) -> str:
    """Return the value of a cell as text; raises CellError if it is not text.

    Spreadsheets turn `1` into a number and `3-1` into a date: the former can be reverted, the
    latter cannot.
    """
    if is_blank(value):
        return ""
    if isinstance(value, dt.date | dt.datetime | dt.time | dt.timedelta):
        raise CellError(texts.DATE())
    if isinstance(value, str) and value.strip() in _ERRORS:
        raise CellError(texts.ERROR(text=value.strip()))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unescape(str(value).replace("\r\n", "\n").replace("_x000D_", ""))
    if not lines:
        text = text.strip()
    allowed = "\n\t" if lines else ""
    if not text.isprintable() and any(
        unicodedata.category(character) in {"Cc", "Cs"} and character not in allowed
        for character in text
    ):
        raise CellError(texts.CONTROL())
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
            raise CellError(texts.NO_NUMBER(text=text))
        return int(text)


class FlagWidget(TextWidget):
    """true or false."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value).casefold()
        if text not in _TRUE | _FALSE:
            raise CellError(texts.NO_FLAG(text=text))
        return text in _TRUE

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value).lower()


class WordsWidget(TextWidget):
    """A list of words: `helmet, vest`; as JSON if a word has a comma or the like."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text.startswith("["):
            return [word.strip() for word in text.split(",") if word.strip()]
        words = load_json(text)
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise CellError(texts.NO_WORDS())
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
        rows = load_json(text_of(value))
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise CellError(texts.NO_PARAMETERS())
        if not all(isinstance(row.get("name"), str) and row["name"] for row in rows):
            raise CellError(texts.PARAMETER_WITHOUT_NAME())
        if problems := parameter_problems(rows):
            raise CellError(texts.PARAMETER(problem=in_a_row(problems)))
        return [Parameter.from_json(row).to_json() for row in rows]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""


class VariablesWidget(TextWidget):
    """Environment variables, `NAME=value` in each line."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            variables = from_lines(text_of(value, lines=True))
        except ValueError as error:
            raise CellError(texts.VARIABLE_LINE(line=str(error))) from error
        if problems := variable_problems(variables):
            raise CellError(in_a_row(problems))
        return variables

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return escape(to_lines(value or {}))


_WIDGETS: dict[FieldKind, Callable[[], TextWidget]] = {
    **dict.fromkeys(LISTS, WordsWidget),
    FieldKind.NOTE: partial(TextWidget, lines=True),
    FieldKind.NUMBER: NumberWidget,
    FieldKind.FLAG: FlagWidget,
    FieldKind.PARAMETERS: ParametersWidget,
    FieldKind.VARIABLES: VariablesWidget,
}


def widget_of(kind: FieldKind) -> TextWidget:
    """Return the widget that reads and writes the cells of a kind of field; mostly text."""
    return _WIDGETS.get(kind, TextWidget)()


class Cell(Field):
    """A column."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        # Always text: a workbook's own types would convert names to numbers and formulas.
        return str(self.widget.render(self.get_value(instance)))

"""A column that holds one message: `[code, values]` as JSON text, '' for none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from registry_app.messages import MAX_CHARACTERS_OF_RUNS, Message, from_column, to_rows

if TYPE_CHECKING:
    _TextField = models.TextField[Message | None, Message | None]
else:
    _TextField = models.TextField


class MessageField(_TextField):
    """Its value is a Message, or None. Text of another form is read as a plain sentence."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options |= {"blank": True, "default": None, "editable": False}
        super().__init__(*args, **options)

    def from_db_value(self, value: str | None, *_context: Any) -> Message | None:
        return from_column(value or "")

    def to_python(self, value: Any) -> Message | None:
        return from_column(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return ""
        if isinstance(value, Message):
            (row,) = to_rows([value], max_characters=MAX_CHARACTERS_OF_RUNS)
            return json.dumps(row, ensure_ascii=False)
        return super().get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))

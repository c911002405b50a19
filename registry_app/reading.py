"""Messages in the language of whoever reads them now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from registry_app.choices import EntryPointType
from registry_app.files.visible import visible
from registry_app.inference import reasons, remarks
from registry_app.messages import JOINT, Message, Value, from_rows

# Their texts are those of the rows that are read here.
_TABLES = (reasons, remarks)


def message_text(message: Message) -> str:
    """Return the sentence in the present language, its values as people write them.

    It names files, so characters that turn or hide text are made visible.
    """
    return visible(message.text(gettext, _presented))


def messages_text(rows: Iterable[Any]) -> str:
    """Return the messages of a column as one text, '' where there is none."""
    return JOINT.join(message_text(message) for message in from_rows(rows))


def messages_lines(rows: Iterable[Any]) -> list[str]:
    """Return the messages of a column, each as a sentence of its own."""
    return [message_text(message) for message in from_rows(rows)]


def _presented(place: str, value: Value) -> Value:
    if place == "kind" and value in EntryPointType.values:
        return str(EntryPointType(value).label).lower()
    return value

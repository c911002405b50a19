"""Messages in the language of the reader, worded for pages or for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language, gettext

from registry_app import texts
from registry_app.choices import Confidence, EntryPointType
from registry_app.files.visible import visible
from registry_app.messages import JOINT, Message, Value, from_rows, message_of
from registry_app.results import reasons as result_reasons
from registry_app.words import Words

# Imported so that the texts of the stored messages are registered.
_TABLES = (texts, result_reasons)

_on_page: ContextVar[bool] = ContextVar("on_page", default=False)


def message_text(message: Message, *, keep: str = "") -> str:
    """Return the sentence in the active language, with formatted values.

    It may name files, so characters that reorder or hide text are made visible, except `keep`.
    """
    return visible(message.text(gettext, _presented, on_page=_on_page.get()), keep=keep)


def error_text(error: BaseException) -> str:
    """Return the message of an error in the active language; it may have several lines."""
    return message_text(message_of(error), keep="\n")


def messages_text(rows: Iterable[Any]) -> str:
    """Return the messages of a column as one text, '' if there are none."""
    return joint_text(from_rows(rows))


def joint_text(messages: Iterable[Message]) -> str:
    """Return messages that were just made, not read from a column, as one text."""
    return JOINT.join(message_text(message) for message in messages)


def messages_lines(rows: Iterable[Any]) -> list[str]:
    """Return the messages of a column, each as a sentence of its own."""
    return [message_text(message) for message in from_rows(rows)]


def confidence_text(confidence: str) -> str:
    """Return how sure a guess is, in the active language and in lower case."""
    return str(Confidence(confidence).label).lower()


def words_of_pages(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: on pages, messages tell the user what to do on pages rather than by commands."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        before = _on_page.set(True)
        try:
            return get_response(request)
        finally:
            _on_page.reset(before)

    return answer


def _presented(place: str, value: Value) -> Value:
    if place in {"kind", "other_kind"} and value in EntryPointType.values:
        return str(EntryPointType(value).label).lower()
    return value


def word_text(choice: Words | TextChoices) -> str:
    """Return a word of a closed list, such as a state, as a terminal shows it.

    In English it is the word that options take and `--json` has, in other languages the label of
    the pages.
    """
    is_english = (get_language() or "en").startswith("en")
    return choice.value if is_english else str(choice.label)

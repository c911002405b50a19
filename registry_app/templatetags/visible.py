"""`{% load visible %}`: show file names safely, whatever characters they contain."""

from __future__ import annotations

from django import template

from registry_app.files import visible as shown
from registry_app.messages import Message
from registry_app.reading import message_text

register = template.Library()


@register.filter
def visible(text: object) -> str:
    """Return text without hidden or reordered characters; the caller must still escape it."""
    return shown.visible(str(text), keep="\n\t")


@register.filter
def sentence(message: Message | None) -> str:
    """Return a message in the reader's language, '' for none; the caller must still escape it."""
    return message_text(message, keep="\n") if message else ""

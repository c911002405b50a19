"""`{% load visible %}`: shows names of files as they are, whatever characters they hold."""

from __future__ import annotations

from django import template

from registry_app.files import visible as shown

register = template.Library()


@register.filter
def visible(text: object) -> str:
    """Return text in which nothing is hidden or turned around; it is still to be escaped."""
    return shown.visible(str(text), keep="\n\t")

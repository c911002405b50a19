"""`{% load pages %}`: the theme knows of forms only, and the portal has pages to read."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

register = template.Library()
_FORM, _PAGE = "_change", "_detail"


@register.filter
def page_address(link: object) -> str:
    """Return the URL of the page to read in place of that of the form, if the row has one."""
    address = str(link)
    try:
        match = resolve(address)
        if not match.view_name.endswith(_FORM):
            return address
        return reverse(
            match.view_name.removesuffix(_FORM) + _PAGE, args=[match.kwargs["object_id"]]
        )
    except (NoReverseMatch, Resolver404):
        return address

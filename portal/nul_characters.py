"""Refuse the NUL character, which is never valid in a text of the portal.

PostgreSQL cannot store NUL and no file name can contain it, so each look-up, search and file name
would fail in its own way. This middleware refuses them in one place, with 400.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

NUL = "\x00"


class NulCharacterMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: Any) -> None:
        """Check after the URL was resolved and the CSRF token of a form was verified."""
        if NUL in request.path or _has_nul(request.GET) or _has_nul(request.POST):
            raise BadRequest(_("The request holds a NUL character."))


def _has_nul(data: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in data.getlist(name)) for name in data)

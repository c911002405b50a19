"""Refuse large requests of anonymous users before any of the body is stored."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


class AnonymousBodyLimit:
    """Answer 413; must come before any middleware that reads the body, such as the CSRF check.

    The server of `up` already checks for a session cookie; this checks the session itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _length(request) > settings.MAX_ANONYMOUS_BODY_BYTES and not _is_known(request):
            text = _("This request is too large without a log-in. Log in first.")
            return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")
        return self._get_response(request)


def _length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _is_known(request: HttpRequest) -> bool:
    return request.user.is_authenticated

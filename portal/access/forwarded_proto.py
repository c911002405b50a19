"""Trust `X-Forwarded-Proto` from trusted proxies only."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.access.client_address import came_through_trusted_proxy

HEADER = "HTTP_X_FORWARDED_PROTO"


class ForwardedProto:
    """Drop `X-Forwarded-Proto` unless one of GUARDIANFLOW_TRUSTED_PROXIES has sent the request.

    Must come before any middleware that calls `request.is_secure()`: SECURE_PROXY_SSL_HEADER trusts
    every sender.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if HEADER in request.META and not came_through_trusted_proxy(request):
            del request.META[HEADER]
        return self._get_response(request)

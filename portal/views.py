"""Addresses for programs that watch the portal; nobody logs in for them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the portal can do its work, else 503; the reasons as JSON either way."""
    found = health.look()
    return JsonResponse(
        found.as_json(),
        status=200 if found.is_well else 503,
        json_dumps_params={"ensure_ascii": False},
    )

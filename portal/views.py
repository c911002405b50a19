"""Views besides the admin: for monitoring programs, open pages, and notices of an upgrade."""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import health, metrics_page
from portal.models import UpgradeNotice

# A proxy on this machine connects from the loopback address for remote users.
_SET_BY_PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the portal works, else 503; the reasons as JSON either way."""
    found = health.look()
    return JsonResponse(
        found.as_json(),
        status=200 if found.is_well else 503,
        json_dumps_params={"ensure_ascii": False},
    )


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Metrics for Prometheus: for holders of the token or, if none is set, this machine."""
    if settings.GUARDIANFLOW_METRICS_TOKEN:
        if not _has_token(request):
            headers = {"WWW-Authenticate": "Bearer"}
            return _refuse(401, _("Send the token: Authorization: Bearer TOKEN"), headers)
    elif not _is_from_this_machine(request):
        text = _("Only for this machine. Set GUARDIANFLOW_METRICS_TOKEN to ask from elsewhere.")
        return _refuse(403, text)
    return HttpResponse(metrics_page.text(), content_type=metrics_page.CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    known = str(settings.GUARDIANFLOW_METRICS_TOKEN).encode()
    # Bytes, because non-ASCII text cannot be compared in constant time.
    same = secrets.compare_digest(token.strip().encode(errors="replace"), known)
    return scheme.lower() == "bearer" and same


def _is_from_this_machine(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _SET_BY_PROXIES):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _refuse(status: int, text: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        f"{text}\n", status=status, headers=headers, content_type="text/plain; charset=utf-8"
    )


@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Answer 204 to who is logged in, for pages that have nothing else to ask; two queries."""
    return HttpResponse(status=204)


@require_POST
def close_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an upgrade notice on the home page, once a user who curates has read it."""
    if not request.user.has_perm("registry_app.change_experiment"):
        raise PermissionDenied
    notices = UpgradeNotice.objects.filter(pk=pk, closed_at=None)
    notices.update(closed_at=timezone.now(), closed_by=request.user.get_username()[:150])
    return HttpResponseRedirect(reverse("admin:index"))

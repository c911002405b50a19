"""Refuse log-ins for a while after too many failures, per pair of account and address.

django-axes counts them; this module has the page, the log lines and the unlocking.
"""

from __future__ import annotations

import logging
import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.forms.utils import ErrorDict, ErrorList
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import ngettext

from portal.access.client_address import client_address

logger = logging.getLogger(__name__)

TOO_MANY_REQUESTS = 429
# Names longer than any account's are of no use in a log.
MAX_NAME = 150


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None,
    credentials: dict[str, Any] | None,
) -> HttpResponse:
    """Return the log-in page with the remaining time; the same for accounts that do not exist.

    Called by django-axes to make the response to a refused log-in.
    """
    seconds = seconds_left(
        str((credentials or {}).get("username", "")), getattr(request, "axes_ip_address", None)
    )
    response = _page(original_response, _refusal_text(seconds))
    response["Retry-After"] = str(seconds)
    return response


def seconds_left(username: str, address: str | None, *, now: datetime | None = None) -> int:
    """Return for how long log-ins of an account from an address are refused, in seconds."""
    from axes.models import AccessAttempt

    now = now or timezone.now()
    rows = AccessAttempt.objects.filter(
        username=username, ip_address=address, attempt_time__gt=now - settings.AXES_COOLOFF_TIME
    )
    failures = 0
    # One row per browser: the lock ends once enough of them have expired.
    for at, count in rows.order_by("-attempt_time").values_list(
        "attempt_time", "failures_since_start"
    ):
        failures += count
        if failures >= settings.AXES_FAILURE_LIMIT:
            ends: datetime = at + settings.AXES_COOLOFF_TIME
            return max(1, math.ceil((ends - now).total_seconds()))
    return 1


def unlock(username: str, *, address: str = "") -> int:
    """Forget an account's failed log-ins; return the number of account and address pairs."""
    from axes.handlers.proxy import AxesProxyHandler

    forgotten: int = AxesProxyHandler.reset_attempts(username=username, ip_address=address or None)
    return forgotten


def log_failures() -> None:
    """Log account and address of each failed log-in."""
    user_login_failed.connect(_log, dispatch_uid="portal.access.throttle")


def _log(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    name = str(credentials.get("username", ""))[:MAX_NAME]
    address = client_address(request) if request is not None else None
    logger.warning("log-in failed account=%r address=%s", name, address)


def _refusal_text(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Too many log-ins failed for this account from here. Try again in {minutes} minute.",
        "Too many log-ins failed for this account from here. Try again in {minutes} minutes.",
        minutes,
    ).format(minutes=minutes)


def _page(response: HttpResponse | None, text: str) -> HttpResponse:
    """Return the log-in page with `text` instead of its own error."""
    page = response if isinstance(response, TemplateResponse) else None
    form = (page.context_data or {}).get("form") if page is not None else None
    if page is None or form is None:
        return HttpResponse(
            f"{text}\n", status=TOO_MANY_REQUESTS, content_type="text/plain; charset=utf-8"
        )
    form._errors = ErrorDict({"__all__": ErrorList([text], error_class="nonfield")})
    page.content = page.rendered_content.encode()
    page.status_code = TOO_MANY_REQUESTS
    return page

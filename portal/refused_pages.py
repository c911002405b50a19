"""The error pages, with the next step: not found, not allowed, too late."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from registry_app.files import disk_full

logger = logging.getLogger(__name__)

TEMPLATE = "refused.html"
# Django's own message for a missing row; it names a Python class.
_NO_ROW = "matches the given query."


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, with the view's own reason if it gave one."""
    return _page(
        request,
        status=404,
        title=_("This page does not exist"),
        reason=_own_words(exception)
        or _("The address may be mistyped, or what it showed was deleted since."),
        path=request.path,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 to a URL or a form that no page of the portal produces."""
    return _page(
        request,
        status=400,
        title=_("This request is not understood"),
        reason=_own_words(exception)
        if isinstance(exception, BadRequest)
        else _("It asks for something that this page does not offer."),
        fix=_("Nothing was done. Go back and use the links and forms of the pages."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403, and show who is logged in and who can grant access."""
    return _page(
        request,
        status=403,
        title=_("You have no permission to do this"),
        reason=_own_words(exception)
        or _("Your account has no permission for this page or action."),
        fix=_("An administrator can add you to a group that may: PM, Engineer or Administrator."),
        shows_account=True,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with a wrong CSRF token: nearly always an old page or no cookies."""
    return _page(
        request,
        status=403,
        title=_("This form is no longer valid"),
        reason=_(
            "Nothing was changed. The page was open for too long, you logged in again "
            "meanwhile, or the browser stores no cookies for this address."
        ),
        fix=_("Go back, reload the page and send the form again."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 if the disk is full; do not use the database, which may have failed."""
    full = disk_full.trouble(sys.exc_info()[1])
    if full is None:
        return HttpResponse(render_to_string("500.html"), status=500)
    sentence = " ".join(full)
    logger.error("%s path=%s", sentence, request.path)
    user = getattr(request, "_cached_user", None)
    if user is None or not user.is_authenticated:  # paths are not for anonymous users
        sentence = _("The disk of the portal is full.")
    answer = HttpResponse(render_to_string("500.html", {"full_disk": sentence}), status=503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # by Django, with a trace
    return answer


def _page(request: HttpRequest, *, status: int, **context: Any) -> HttpResponse:
    if not hasattr(request, "user"):  # refused before authentication
        request.user = AnonymousUser()
    is_inside = admin.site.has_permission(request)
    layout = "admin/base_site.html" if is_inside else "unfold/layouts/unauthenticated.html"
    groups = ", ".join(request.user.groups.values_list("name", flat=True))
    own = {"layout": layout, "is_inside": is_inside, "groups": groups, "status": status}
    request.current_app = admin.site.name
    return render(
        request, TEMPLATE, {**admin.site.each_context(request), **own, **context}, status=status
    )


def _own_words(exception: Exception) -> str:
    text = str(exception.args[0]) if exception.args else ""
    is_ours = bool(exception.args) and isinstance(exception.args[0], str)
    return text if is_ours and not text.endswith(_NO_ROW) else ""

"""Scans: requested here, done by a worker, with progress and results shown here."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from registry_app.admin.guarded import GuardedAdmin
from registry_app.admin.labels import field_label
from registry_app.admin.scans import hit_rates, left_out
from registry_app.findings.job import ask_for_scan
from registry_app.models import ScanJob
from registry_app.reading import message_text, messages_lines, messages_text

WAITS_LONG = timedelta(seconds=10)


@admin.register(ScanJob)
class ScanJobAdmin(GuardedAdmin):
    """Scans that were requested in the portal. Adding a row requests a scan."""

    list_display = ("__str__", "requested_at", "requested_by", "state", "done", "finished_at")
    list_select_related = ("requested_by",)
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description=gettext_lazy("state"))
    def state(self, job: ScanJob) -> SafeString:
        tone, word = _state(job)
        return format_html('<span class="gf-tag {}">{}</span>', tone, word)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        own = [
            ("<row:pk>/progress/", self.progress_view, "progress"),
            ("left-out/", self.left_out_view, "left_out"),
            ("hit-rates/", self.hit_rates_view, "hit_rates"),
            ("left-out/<row:pk>/", self.decide_view, "decide"),
            ("left-out/decided/<row:pk>/", self.take_back_view, "take_back"),
        ]
        urls: list[URLPattern] = super().get_urls()
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"registry_app_scanjob_{name}")
                for route, view, name in own
            ),
            *urls,
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what a scan would read; a POST requests it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            job = ask_for_scan(request.user)
            return HttpResponseRedirect(reverse("admin:registry_app_scanjob_change", args=[job.pk]))
        context = {
            "title": _("Scan now"),
            "roots": [(root, os.path.isdir(root)) for root in settings.GUARDIANFLOW_ROOTS],
            "last_scan": ScanJob.objects.filter(finished_at__isnull=False).first(),
        }
        return self._page(request, "admin/registry_app/scanjob/start.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the progress of a scan, or its results."""
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        tone, word = _state(job)
        context = {
            "title": str(job).capitalize(),
            "job": job,
            "tone": tone,
            "state": word,
            "waits_long": _waits_long(job),
            "facts": _facts(job.summary),
            "named": _named(job.summary),
            "warnings": messages_lines(job.summary.get("warnings") or []),
            "left": left_out.of_scan(job),
        }
        return self._page(request, "admin/registry_app/scanjob/progress.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the progress of a scan as JSON, for the progress bar of its page."""
        job = get_object_or_404(ScanJob, pk=pk)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        tone, word = _state(job)
        error = message_text(job.error) if job.error else ""
        shown = {"waits_long": _waits_long(job), "state": word, "tone": tone, "error": error}
        return JsonResponse({**job.as_json(), **shown})

    def left_out_view(self, request: HttpRequest) -> HttpResponse:
        """Show all that scans leave out, or what people decided about it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": _("Left out by scans"), "left": left_out.page_of(request.GET)}
        return self._page(request, "admin/registry_app/scanjob/left_out.html", context)

    def hit_rates_view(self, request: HttpRequest) -> HttpResponse:
        """Show how often people kept what scans guessed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": _("How often the scan was right here"), "rates": hit_rates.page()}
        return self._page(request, "admin/registry_app/scanjob/hit_rates.html", context)

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write down what a person decided about a child of a root."""
        if not may_decide(request):
            raise PermissionDenied
        return left_out.decided(request, pk)

    @method_decorator(require_POST)
    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a decision."""
        if not may_decide(request):
            raise PermissionDenied
        return left_out.taken_back(request, pk)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        own = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_scan": self.has_add_permission(request),
            "may_decide": may_decide(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, own | context)


def may_decide(request: HttpRequest) -> bool:
    """Whether a user may decide what becomes an experiment: who may import may."""
    return request.user.has_perms(("registry_app.add_experiment", "registry_app.change_experiment"))


def _waits_long(job: ScanJob) -> bool:
    """Whether no worker has started the scan in reasonable time."""
    waits = job.started_at is None and job.finished_at is None
    return waits and abs(timezone.now() - job.requested_at) > WAITS_LONG


def _state(job: ScanJob) -> tuple[str, str]:
    if job.error:
        return "gf-bad", _("failed")
    if job.finished_at:
        return "gf-good", _("done")
    return ("gf-busy", _("running")) if job.started_at else ("", _("waiting"))


def _facts(summary: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the numbers of a scan's summary with labels; most zeros are skipped.

    Unknown keys are shown as they are.
    """
    always = {
        "experiments": _("experiments found"),
        "scripts": _("scripts recognised"),
        "created": _("new experiments"),
        "updated": _("experiments with news"),
        "unchanged": _("experiments without news"),
        "left_out": _("left out"),
    }
    words = always | {
        "never": _("never listed, as people decided"),
        "missing": _("experiments whose directory was not found"),
        "kept": _("curated values left as they are"),
        "renamed": _("directories that seem to be renamed"),
        "proposed": _("new proposals"),
        "proposals": _("proposals that wait for an answer"),
        "unconfirmed": _("experiments with values to confirm"),
    }
    return [
        (words.get(key, key), value)
        for key, value in summary.items()
        if isinstance(value, int) and not isinstance(value, bool) and (value or key in always)
    ]


def _named(summary: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the directories that need attention, with labels."""
    words = {
        "renamed_names": _("Directories that seem to be renamed"),
        "missing_names": _("Experiments whose directory was not found; they stay"),
    }
    named = [(word, summary[key]) for key, word in words.items() if summary.get(key)]
    if moved := summary.get("moved"):
        word = _(
            "Moved by this scan, because a name or spelling has become known since the last one"
        )
        named.append((word, [_moved_text(move) for move in moved]))
    return named


def _moved_text(move: dict[str, Any]) -> str:
    """Return a text on how the path of an experiment changed, and why."""
    change = f"{move['old'] or '–'} → {move['new'] or '–'}"
    text = f"{move['name']} · {field_label(move['field'])}: {change}"
    reason = messages_text(move["reasons"])
    return f"{text} ({reason})" if reason else text

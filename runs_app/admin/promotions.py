"""Pages of promotions: request one, read it, decide it, withdraw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from registry_app.admin.details.events import Event, Part, Source
from registry_app.admin.details.pages import DetailPages, detail_address
from registry_app.files.core_scripts import is_core
from registry_app.messages import Message
from registry_app.models import Experiment
from registry_app.reading import error_text, message_text
from registry_app.row_numbers import row_number
from runs_app.choices import PromotionState
from runs_app.exceptions import RunnerError
from runs_app.models import Promotion, RunFile, StageProof
from runs_app.promotion import request as promotions
from runs_app.promotion.candidates import candidates_of
from runs_app.promotion.checks import Evidence, problems
from runs_app.promotion.evidence import evidence_of
from runs_app.stages.notes import ask_for_check
from runs_app.texts import promotion as texts

PROMOTE = "runs_app.promote"
TONES = {
    PromotionState.REQUESTED: "warn",
    PromotionState.APPROVED: "busy",
    PromotionState.PROMOTED: "good",
    PromotionState.WITHDRAWING: "busy",
}


@admin.register(Promotion)
class PromotionAdmin(DetailPages):
    """Read only, but for the decisions of people; a worker writes everything else."""

    detail_template = "admin/runs_app/promotion/detail.html"
    list_display = (
        *("name", "state_badge", "mlflow_name", "mlflow_version", "measured"),
        *("requested_by", "approved_by", "requested_at"),
    )
    list_filter: ClassVar = ["state"]
    search_fields = ("experiment__name", "mlflow_name", "reason")
    list_per_page = 50
    list_select_related = ("experiment", "requested_by", "approved_by")
    show_full_result_count = False

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}

    @admin.display(description=gettext_lazy("promotion"), ordering="pk")
    def name(self, row: Promotion) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Promotion) -> SafeString:
        tone = TONES.get(PromotionState(row.state), "")
        return format_html(
            '<span class="gfr-badge gfr-{}">{}</span>', tone, row.get_state_display()
        )

    @admin.display(description=gettext_lazy("main metric"))
    def measured(self, row: Promotion) -> str:
        return f"{row.metric} {row.value:.4g}" if row.value is not None else "–"

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "new/": ("new", self.new_view),
            "<row:pk>/approve/": ("approve", self.approve_view),
            "<row:pk>/reject/": ("reject", self.reject_view),
            "<row:pk>/withdraw/": ("withdraw", self.withdraw_view),
            "<row:pk>/check/": ("check", self.check_view),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"runs_app_promotion_{name}")
            for route, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def detail_rows(self, request: HttpRequest) -> QuerySet[Promotion]:
        people = ("requested_by", "approved_by", "withdrawn_by")
        rows: QuerySet[Promotion] = super().detail_rows(request)
        return rows.select_related("experiment", "training_run", "evaluation_run", *people)

    def detail_context(self, request: HttpRequest, row: Promotion) -> dict[str, Any]:
        proof = StageProof.objects.filter(experiment=row.experiment_id).first()
        is_own = row.requested_by_id == request.user.pk
        waits = row.state == PromotionState.REQUESTED
        found = None
        if waits:
            found = evidence_of(row.experiment, row.training_run, row.files)
        return {
            "experiment_address": detail_address(row.experiment),
            "mlflow_address": _mlflow_address(row),
            "problem": _text(row.problem),
            "remark": _text(row.withdrawal_remark),
            "proof": proof if row.state == PromotionState.PROMOTED else None,
            "adds_files": row.state == PromotionState.PROMOTED
            and is_core(row.trainer)
            and not (proof and proof.is_integrated),
            "proof_text": _text(proof.integrated_why) if proof else "",
            "may_promote": self._may(request),
            "may_approve": self._may(request)
            and waits
            and row.requested_by_id is not None
            and (not is_own or settings.GUARDIANFLOW_SELF_APPROVAL),
            "is_own": is_own,
            "waits": waits,
            "in_force": row.state in {PromotionState.APPROVED, PromotionState.PROMOTED},
            "wrong": [message_text(problem) for problem in _wrong(row, found)] if found else [],
            "needs_tick": found is not None and found.needs_tick,
        }

    def timeline_sources(self, request: HttpRequest, row: Promotion) -> Sequence[Source]:
        return [_events_of(row)]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Show the files of an experiment that can be promoted; a POST requests one of them."""
        if not self._may(request):
            raise PermissionDenied
        pk = row_number(request.GET.get("experiment", ""))
        experiment = get_object_or_404(Experiment, pk=pk or 0)
        if request.method == "POST":
            try:
                made = self._requested(request, experiment)
            except RunnerError as error:
                messages.error(request, error_text(error))
            else:
                messages.success(request, _("Requested. Another person approves it."))
                return HttpResponseRedirect(made.get_absolute_url())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Promote a model of %(name)s") % {"name": experiment.name},
            "experiment": experiment,
            "experiment_address": detail_address(experiment),
            "candidates": candidates_of(experiment),
            "chosen": request.POST.get("file", ""),
            "reason": request.POST.get("reason", ""),
        }
        return TemplateResponse(request, "admin/runs_app/promotion/new.html", context)

    @method_decorator(require_POST)
    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve a promotion; the tick says that the approver compared the classes."""
        tick = "classes" in request.POST
        return self._decided(
            request,
            pk,
            lambda row: promotions.approve(row, by=request.user, classes_confirmed=tick),  # type: ignore[arg-type]
            _("Approved. A worker carries it out."),
        )

    @method_decorator(require_POST)
    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close a requested promotion with a reason."""
        reason = request.POST.get("reason", "")
        return self._decided(
            request,
            pk,
            lambda row: promotions.reject(row, by=request.user, reason=reason),  # type: ignore[arg-type]
            _("Rejected."),
        )

    @method_decorator(require_POST)
    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a worker take a promotion back."""
        reason = request.POST.get("reason", "")
        return self._decided(
            request,
            pk,
            lambda row: promotions.withdraw(row, by=request.user, reason=reason),  # type: ignore[arg-type]
            _("A worker takes it back."),
        )

    @method_decorator(require_POST)
    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a worker look again whether the promotion holds."""
        return self._decided(
            request,
            pk,
            lambda row: ask_for_check(row.experiment_id),
            _("A worker looks at it within seconds."),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PROMOTE)

    def _requested(self, request: HttpRequest, experiment: Experiment) -> Promotion:
        chosen = row_number(request.POST.get("file", "")) or 0
        file = RunFile.objects.filter(pk=chosen, run__experiment=experiment).first()
        if file is None:
            raise Http404
        reason = request.POST.get("reason", "")
        by: Any = request.user
        return promotions.request(experiment, file.run, [file.path], reason=reason, by=by)

    def _decided(
        self, request: HttpRequest, pk: int, act: Callable[[Promotion], None], done: str
    ) -> HttpResponse:
        if not self._may(request):
            raise PermissionDenied
        rows = Promotion.objects.select_related("experiment", "training_run")
        row = get_object_or_404(rows, pk=pk)
        try:
            act(row)
        except RunnerError as error:
            messages.error(request, error_text(error))
        else:
            messages.success(request, done)
        return HttpResponseRedirect(row.get_absolute_url())


def new_address(experiment: Experiment) -> str:
    """Return the page that requests a promotion of an experiment."""
    return f"{reverse('admin:runs_app_promotion_new')}?experiment={experiment.pk}"


def _events_of(row: Promotion) -> Source:
    """Return what people did to a promotion; all of it is in its row."""

    def source(before: Any, most: int) -> Part:
        known = (
            (row.requested_at, _("requested"), row.requested_by),
            (row.approved_at, _("approved"), row.approved_by),
            (row.withdrawn_at, _("withdrawn or rejected"), row.withdrawn_by),
        )
        events = [
            Event(at=at, kind="stage", title=title, by=str(by or ""))
            for at, title, by in known
            if at is not None and (before is None or at < before)
        ]
        return Part(events=events)

    return source


def _mlflow_address(row: Promotion) -> str:
    if not row.mlflow_version:
        return ""
    from urllib.parse import quote

    name = quote(row.mlflow_name, safe="")
    return f"{settings.GUARDIANFLOW_MLFLOW_UI}/#/models/{name}/versions/{row.mlflow_version}"


def _wrong(row: Promotion, found: Evidence) -> list[Message]:
    """Return what stands against the approval of a requested promotion."""
    gone = [] if row.requested_by_id else [texts.REQUESTER_GONE(number=row.pk)]
    return [*gone, *problems(found)]


def _text(message: Message | None) -> str:
    return message_text(message) if message is not None else ""

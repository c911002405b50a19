"""What runs add to the pages of experiments: stage, last run, and buttons to start scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import action
from unfold.enums import ActionVariant

from registry_app.admin.base import person
from registry_app.admin.details.events import Source
from registry_app.admin.details.pages import detail_address
from registry_app.admin.experiments import ExperimentAdmin as RegistryExperimentAdmin
from registry_app.choices import EntryPointType, Stage
from registry_app.kinds import KINDS, EntryPointKind
from registry_app.models import Experiment
from registry_app.reading import error_text
from registry_app.row_numbers import row_number
from runs_app.admin.details.commands import form_address, run_buttons, start_of
from runs_app.admin.details.events import runs_of
from runs_app.admin.details.figures import figures_of
from runs_app.admin.details.files import files_of
from runs_app.admin.details.stage_events import stages_of
from runs_app.admin.keeping import delete_selected, refuse_to_delete
from runs_app.admin.migration import migration
from runs_app.admin.stages import next_stage_text, stage_text, stages_shown
from runs_app.choices import ACTIVE, RunStatus
from runs_app.exceptions import RunnerError
from runs_app.models.experiments import with_run_facts
from runs_app.overview.run_ids import with_run_ids
from runs_app.overview.standing import STILL_DAYS, standing_of
from runs_app.preflight.environment import check_environment
from runs_app.preflight.script_choices import types_of
from runs_app.stages.facts import with_facts
from runs_app.views.form_selection import AT_MOST
from runs_app.views.wording import status_badge


class StageFilter(admin.SimpleListFilter):
    """Experiments at one migration stage."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(number, f"{number} {label}") for number, label in Stage.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        known = value in [str(number) for number in Stage.values]
        return queryset.filter(stage=int(value)) if known else queryset


class LastRunFilter(admin.SimpleListFilter):
    """Experiments whose last run is in one state, or that never ran."""

    title = gettext_lazy("last run")
    parameter_name = "last_run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        still = _("none for {days} days").format(days=STILL_DAYS)
        return [("never", _("never run")), ("still", still), *RunStatus.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "never":
            return queryset.filter(last_run_id__isnull=True)
        if self.value() == "still":
            limit = timezone.now() - timedelta(days=STILL_DAYS)
            is_over = Q(last_run_queued_at__lt=limit) & ~Q(last_run_status__in=ACTIVE)
            return queryset.filter(is_over | Q(last_run_id=None, created_at__lt=limit))
        return queryset.filter(last_run_status=self.value()) if self.value() else queryset


def _run_selected(kind: EntryPointKind) -> Callable[..., HttpResponse | None]:
    """Return the list action that opens the form for the selected experiments."""

    def run_selected(
        model_admin: Any, request: HttpRequest, experiments: QuerySet[Experiment]
    ) -> HttpResponse | None:
        numbers = list(experiments.order_by("name").values_list("pk", flat=True)[: AT_MOST + 1])
        if len(numbers) > AT_MOST:
            messages.error(
                request, _("Choose at most {most} experiments at a time.").format(most=AT_MOST)
            )
            return None
        return HttpResponseRedirect(form_address(kind.type, numbers))

    run_selected.__name__ = f"run_{kind.type}_selected"
    decorated: Callable[..., HttpResponse | None] = admin.action(
        description=gettext_lazy(kind.action), permissions=["queue_run"]
    )(run_selected)
    return decorated


def _run_one(kind: EntryPointKind) -> Any:
    """Return the button of one experiment's page that opens the form; it changes nothing."""

    def run_one(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(form_address(kind.type, [_number(object_id)]))

    run_one.__name__ = f"run_{kind.type}"
    return action(
        description=gettext_lazy(kind.action),
        url_path=f"run-{kind.type}",
        permissions=["queue_run"],
        icon="play_arrow",
    )(run_one)


def _run_buttons(pages: type[RegistryExperimentAdmin]) -> type[RegistryExperimentAdmin]:
    """Add a button for each type to the page of an experiment, as methods that unfold looks for."""
    for kind in KINDS:
        setattr(pages, f"run_{kind.type}", _run_one(kind))
    return pages


def _number(object_id: str) -> int:
    """Return the number in a URL; raise Http404 for anything else."""
    number = row_number(object_id)
    if not number:
        raise Http404
    return number


admin.site.unregister(Experiment)


@admin.register(Experiment)
@_run_buttons
class ExperimentAdmin(RegistryExperimentAdmin):
    """The registry's pages, with runs."""

    list_display: Any = (*RegistryExperimentAdmin.list_display, "stage_label", "last_run")
    list_filter: Any = (*RegistryExperimentAdmin.list_filter, StageFilter, LastRunFilter)
    actions: ClassVar = [
        *(RegistryExperimentAdmin.actions or ()),
        delete_selected,
        *(_run_selected(kind) for kind in KINDS),
    ]
    actions_detail: ClassVar = [
        *(RegistryExperimentAdmin.actions_detail or ()),
        "runs_of",
        {
            "title": gettext_lazy("Run"),
            "icon": "play_arrow",
            "variant": ActionVariant.PRIMARY,
            "items": [f"run_{kind.type}" for kind in KINDS],
        },
    ]

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> Any:
        """Offer runs of the experiment's types only; others would be refused."""
        experiment = self.get_object(request, str(object_id))
        there = types_of(experiment) if experiment is not None else set()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_run_"
        missing = {f"{prefix}{kind}" for kind in EntryPointType if kind not in there}
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if action.action_name not in missing]

    @action(
        description=gettext_lazy("All runs"), url_path="runs", permissions=["view_run"], icon="list"
    )
    def runs_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        address = reverse("admin:runs_app_run_changelist")
        return HttpResponseRedirect(f"{address}?experiment__id__exact={_number(object_id)}")

    @admin.display(description=gettext_lazy("stage"), ordering="stage")
    def stage_label(self, experiment: Any) -> SafeString:
        stage = Stage(experiment.stage)
        # No line break after the number.
        return format_html(
            '<span class="gfr-stage">{}&nbsp;{}</span><br><span class="gf-faint">{}</span>',
            stage.value,
            stage.label,
            next_stage_text(experiment),
        )

    @admin.display(description=gettext_lazy("last run"), ordering="last_run_id")
    def last_run(self, experiment: Any) -> SafeString:
        if experiment.last_run_id is None:
            return format_html("{}", "–")
        return format_html(
            '<a class="gfr-link" href="{}">#{} {}</a> {}',
            reverse("admin:runs_app_run_change", args=[experiment.last_run_id]),
            experiment.last_run_id,
            EntryPointType(experiment.last_run_type).label,
            status_badge(experiment.last_run_status),
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        chosen = Experiment.objects.filter(pk=_number(object_id))
        if self.has_delete_permission(request) and refuse_to_delete(request, chosen):
            page = reverse("admin:registry_app_experiment_detail", args=[_number(object_id)])
            return HttpResponseRedirect(page)
        answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        return answer

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "migration/": ("registry_app_experiment_migration", require_safe(migration)),
            "<row:pk>/check-environment/": ("runs_app_check_environment", self._check_environment),
            "<row:pk>/files/": ("registry_app_experiment_files", self._files),
        }
        own = [
            path(address, self.admin_site.admin_view(view), name=name)
            for address, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_safe)
    def _files(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the best and the last good run of an experiment left, as a part of its page."""
        if not self.has_view_run_permission(request):
            raise PermissionDenied
        rows = with_run_ids(Experiment.objects.select_related("zone__site__customer"))
        standing = standing_of(get_object_or_404(rows, pk=pk))
        context = {"run_files": files_of(standing, (_("Best run"), _("Last good run")))}
        return TemplateResponse(request, "admin/runs_app/experiment/_file_rows.html", context)

    def detail_rows(self, request: HttpRequest) -> QuerySet[Experiment]:
        return with_run_ids(super().detail_rows(request))

    def detail_context(self, request: HttpRequest, row: Experiment) -> dict[str, Any]:
        context = super().detail_context(request, row)
        for shown in context["entry_points"]:
            shown.start = start_of(row, shown.row)
        if self.has_view_run_permission(request):
            context |= {
                "shows_runs": True,
                "figures": figures_of(row, standing_of(row)),
                "stages": stages_shown(row, request.user),
                "files_address": reverse("admin:registry_app_experiment_files", args=[row.pk]),
                "runs_address": reverse("admin:registry_app_experiment_runs_of", args=[row.pk]),
            }
        if self.has_queue_run_permission(request):
            context["run_buttons"] = run_buttons(row)
            context["check_address"] = reverse("admin:runs_app_check_environment", args=[row.pk])
        return context

    def timeline_sources(self, request: HttpRequest, row: Experiment) -> list[Source]:
        sources = super().timeline_sources(request, row)
        own = [runs_of(row), stages_of(row)]
        return [*sources, *own] if self.has_view_run_permission(request) else sources

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        experiment = context.get("original")
        if isinstance(experiment, Experiment):
            context["stage_text"] = stage_text(experiment)
            context["next_stage"] = next_stage_text(experiment)
        return super().render_change_form(request, context, *args, **options)

    def _check_environment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the experiment's interpreter what it lacks, and show the answer on its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_queue_run_permission(request):
            raise PermissionDenied
        experiment = get_object_or_404(Experiment, pk=pk)
        try:
            check_environment(experiment, by=person(request))
        except RunnerError as error:
            messages.error(request, error_text(error))
        return HttpResponseRedirect(f"{detail_address(experiment)}#gf-facts-title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        rows = with_facts(with_run_facts(super().get_queryset(request)))
        # A list adds its own relations only where none is selected yet.
        return rows.select_related(*self.list_select_related)

    def has_queue_run_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.queue_run")

    def has_view_run_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.view_run")

"""What runs add to the pages of experiments: stage, last run, and the ways to start a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.enums import ActionVariant

from registry_app.admin.base import person
from registry_app.admin.experiments import ExperimentAdmin as RegistryExperimentAdmin
from registry_app.choices import EntryPointType, Stage
from registry_app.models import Experiment
from registry_app.row_numbers import row_number
from runs_app.admin.keeping import delete_selected, refuse_to_delete
from runs_app.choices import RunStatus
from runs_app.exceptions import RunnerError
from runs_app.models.experiments import with_run_facts
from runs_app.preflight.environment import check_environment
from runs_app.views.form import AT_MOST
from runs_app.views.wording import status_badge

VERBS = {
    EntryPointType.TRAIN: gettext_lazy("Run training"),
    EntryPointType.INFER: gettext_lazy("Run inference"),
    EntryPointType.QUANT: gettext_lazy("Run quantization"),
    EntryPointType.EVAL: gettext_lazy("Run evaluation"),
    EntryPointType.DATA: gettext_lazy("Run data preparation"),
    EntryPointType.DEMO: gettext_lazy("Run demo"),
}


class StageFilter(admin.SimpleListFilter):
    """Experiments of one migration stage."""

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
        return [("never", _("never run")), *RunStatus.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "never":
            return queryset.filter(last_run_id__isnull=True)
        return queryset.filter(last_run_status=self.value()) if self.value() else queryset


def _run_selected(kind: EntryPointType) -> Callable[..., HttpResponse | None]:
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
        return HttpResponseRedirect(form_address(kind, numbers))

    run_selected.__name__ = f"run_{kind}_selected"
    decorated: Callable[..., HttpResponse | None] = admin.action(
        description=VERBS[kind], permissions=["queue_run"]
    )(run_selected)
    return decorated


def _run_one(kind: EntryPointType) -> Any:
    """Return the button of one experiment's page that opens the form; it changes nothing."""

    def run_one(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(form_address(kind, [_number(object_id)]))

    run_one.__name__ = f"run_{kind}"
    return action(
        description=VERBS[kind],
        url_path=f"run-{kind}",
        permissions=["queue_run"],
        icon="play_arrow",
    )(run_one)


def _number(object_id: str) -> int:
    """Return the number in an address; raises Http404 for anything else."""
    number = row_number(object_id)
    if not number:
        raise Http404
    return number


def form_address(kind: str, numbers: list[int]) -> str:
    """Return the address of the form in which runs of these experiments are asked for."""
    query = urlencode([("type", kind), *(("experiment", str(one)) for one in numbers)])
    return f"{reverse('admin:runs_app_run_new')}?{query}"


admin.site.unregister(Experiment)


@admin.register(Experiment)
class ExperimentAdmin(RegistryExperimentAdmin):
    """The registry's pages, with runs."""

    list_display: Any = (*RegistryExperimentAdmin.list_display, "stage_label", "last_run")
    list_filter: Any = (*RegistryExperimentAdmin.list_filter, StageFilter, LastRunFilter)
    actions: ClassVar = [
        *(RegistryExperimentAdmin.actions or ()),
        delete_selected,
        *(_run_selected(kind) for kind in EntryPointType),
    ]
    actions_detail: ClassVar = [
        *(RegistryExperimentAdmin.actions_detail or ()),
        "runs_of",
        {
            "title": gettext_lazy("Run"),
            "icon": "play_arrow",
            "variant": ActionVariant.PRIMARY,
            "items": [f"run_{kind}" for kind in EntryPointType],
        },
    ]
    run_train = _run_one(EntryPointType.TRAIN)
    run_infer = _run_one(EntryPointType.INFER)
    run_quant = _run_one(EntryPointType.QUANT)
    run_eval = _run_one(EntryPointType.EVAL)
    run_data = _run_one(EntryPointType.DATA)
    run_demo = _run_one(EntryPointType.DEMO)

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}

    @action(
        description=gettext_lazy("All runs"), url_path="runs", permissions=["view_run"], icon="list"
    )
    def runs_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        address = reverse("admin:runs_app_run_changelist")
        return HttpResponseRedirect(f"{address}?experiment__id__exact={_number(object_id)}")

    @admin.display(description=gettext_lazy("stage"), ordering="stage")
    def stage_label(self, experiment: Any) -> SafeString:
        stage = Stage(experiment.stage)
        # Not to be broken after the number.
        return format_html('<span class="gfr-stage">{}&nbsp;{}</span>', stage.value, stage.label)

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
            page = reverse("admin:registry_app_experiment_change", args=[object_id])
            return HttpResponseRedirect(page)
        answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        return answer

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._check_environment)
        address = "<row:pk>/check-environment/"
        return [path(address, view, name="runs_app_check_environment"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        experiment = context.get("original")
        if isinstance(experiment, Experiment) and self.has_queue_run_permission(request):
            address = reverse("admin:runs_app_check_environment", args=[experiment.pk])
            context["check_address"] = address
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
            messages.error(request, str(error))
        page = reverse("admin:registry_app_experiment_change", args=[pk])
        return HttpResponseRedirect(f"{page}#gf-facts-title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        return with_run_facts(super().get_queryset(request))

    def has_queue_run_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.queue_run")

    def has_view_run_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.view_run")

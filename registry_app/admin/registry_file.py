"""The registry file in the browser: download, upload, preview, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.admin import held_file
from registry_app.admin.base import person
from registry_app.changes.apply import apply_plan
from registry_app.changes.plan import ExperimentPlan, FieldChange, Plan, PlanAction, make_plan
from registry_app.choices import ChangeOrigin
from registry_app.document.reader import MAX_BYTES, load
from registry_app.document.writer import dump
from registry_app.exceptions import Problem, RegistryError, RegistryFileError, StalePlanError
from registry_app.fields.rows import document_from_rows

TEMPLATE = "admin/registry_app/experiment/import_yaml.html"
# So many changed experiments are shown opened; the rest opens at a click.
OPEN_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class ShownExperiment:
    """One experiment of the preview, with the word and colour of what happens to it."""

    name: str
    word: str
    tone: str
    changes: tuple[ShownChange, ...]
    is_open: bool


def download() -> HttpResponse:
    """Give the registry file of the rows as they are now."""
    text = dump(document_from_rows())
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = f"experiments-{timezone.localdate():%Y%m%d}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def import_page(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Ask for a file; show what it would change; write it once that was confirmed."""
    if request.method == "POST" and "confirm" in request.POST:
        return _confirmed(request, model_admin)
    if request.method == "POST":
        return _uploaded(request, model_admin)
    return _page(request, model_admin, {})


def _uploaded(request: HttpRequest, model_admin: Any) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        return _refused(request, model_admin, [Problem(message=_("Choose a file first."))])
    if (file.size or 0) > MAX_BYTES:
        text = _("The file is larger than {limit} MiB.").format(limit=MAX_BYTES // 2**20)
        return _refused(request, model_admin, [Problem(message=text)])
    data, name = file.read(), file.name or "experiments.yaml"
    try:
        plan = make_plan(load(data, name=name))
    except RegistryFileError as error:
        return _refused(request, model_admin, error.problems)
    token = held_file.hold(data, name=name, plan=plan, by=person(request))
    return _page(request, model_admin, {"token": token, "file_name": name, **_preview(plan)})


def _confirmed(request: HttpRequest, model_admin: Any) -> HttpResponse:
    try:
        held = held_file.find(request.POST["confirm"], by=person(request))
        plan = make_plan(load(held.data, name=held.name))
        if (plan.rows_digest, plan.document_digest) != (held.rows_digest, held.document_digest):
            raise StalePlanError(
                _("The registry changed after this preview was made. Look at it once more.")
            )
        made = apply_plan(plan, origin=ChangeOrigin.IMPORT, by=person(request), summary=held.name)
    except RegistryError as error:
        return _refused(request, model_admin, [Problem(message=str(error))])
    held.remove()
    if made is None:
        messages.info(request, _("The registry says all of this already."))
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_changelist"))
    counts = plan.counts
    written = counts[PlanAction.CREATE] + counts[PlanAction.UPDATE]
    text = ngettext("%(n)d experiment was imported.", "%(n)d experiments were imported.", written)
    messages.success(request, text % {"n": written})
    return HttpResponseRedirect(reverse("admin:registry_app_changeset_change", args=[made.pk]))


def _refused(request: HttpRequest, model_admin: Any, problems: Any) -> HttpResponse:
    return _page(request, model_admin, {"problems": problems}, status=422)


def _page(
    request: HttpRequest, model_admin: Any, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    own = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Import YAML"),
        "limit_mib": MAX_BYTES // 2**20,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, TEMPLATE, own | context, status=status)


def _preview(plan: Plan) -> dict[str, Any]:
    """Return what the page shows of a plan: what changes first, what stays as it is last."""
    order = list(PlanAction)
    rows = sorted(
        (one for one in plan.experiments if one.changes),
        key=lambda one: (order.index(one.action), one.name),
    )
    return {
        "plan": plan,
        "changes_something": not plan.is_empty,
        "counts": [(_words(action)[0], plan.counts[action]) for action in PlanAction],
        "customers": plan.customers,
        "experiments": [
            _shown(one, is_open=number < OPEN_AT_ONCE) for number, one in enumerate(rows)
        ],
        "untouched": [
            (*_words(action), names)
            for action in (PlanAction.UNCHANGED, PlanAction.MISSING)
            if (names := [one.name for one in plan.experiments if one.action is action])
        ],
    }


def _shown(one: ExperimentPlan, *, is_open: bool) -> ShownExperiment:
    word, tone, _hint = _words(one.action)
    return ShownExperiment(
        name=one.name,
        word=word,
        tone=tone,
        changes=tuple(_shown_change(change) for change in one.changes),
        is_open=is_open,
    )


def _shown_change(change: FieldChange) -> ShownChange:
    return ShownChange(
        field=change.field,
        old=_as_text(change.old),
        new=_as_text(change.new),
    )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(_as_text(one) for one in value)
    return str(value)


def _words(action: PlanAction) -> tuple[str, str, str]:
    """Return the word, the colour and the explanation of what happens to an experiment."""
    return {
        PlanAction.CREATE: (_("new"), "gf-good", ""),
        PlanAction.UPDATE: (_("changed"), "gf-busy", ""),
        PlanAction.UNCHANGED: (_("unchanged"), "", _("The file says what the registry says.")),
        PlanAction.MISSING: (
            _("not in the file"),
            "gf-warn",
            _("The file does not name it. It stays as it is; an import never deletes."),
        ),
    }[action]

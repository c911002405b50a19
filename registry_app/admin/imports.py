"""Registry files and sheets in the browser: upload, preview, confirm; a worker does large ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.admin import held_file
from registry_app.admin.base import person
from registry_app.admin.import_words import shown_preview, tone_of
from registry_app.changes.plan import Plan, PlanAction
from registry_app.choices import ImportKind, ImportState
from registry_app.exceptions import Problem, RegistryError, RegistryFileError
from registry_app.imports import job as import_job
from registry_app.imports.preview import Preview, preview_of, preview_of_problems
from registry_app.imports.uploaded import (
    ImportFile,
    apply_planned,
    is_large,
    max_bytes,
    plan_import,
)
from registry_app.messages import Message
from registry_app.models import ChangeSet, ImportJob
from registry_app.texts import changes as texts

FORM = "admin/registry_app/experiment/import.html"
JOB = "admin/registry_app/experiment/import_job.html"
# The name of the file in a form; "file" is accepted too.
FILE = "import_file"
SHEETS = tuple(kind for kind in ImportKind if kind != ImportKind.REGISTRY)


def import_page(request: HttpRequest, model_admin: Any, *, sheets: bool) -> HttpResponse:
    """Upload a file, show what it would change, and write it once that was confirmed."""
    if request.method != "POST":
        return _form(request, model_admin, sheets=sheets)
    try:
        if "confirm" in request.POST:
            return _confirmed(request)
        file = _uploaded(request, sheets=sheets)
        if is_large(file):
            return HttpResponseRedirect(
                address(import_job.ask_for_import(file, by=person(request)))
            )
        plan = plan_import(file, by=person(request))
    except RegistryFileError as error:
        return _form(request, model_admin, sheets=sheets, problems=error.problems)
    except RegistryError as error:
        return _form(request, model_admin, sheets=sheets, problems=[Problem(message=error.message)])
    token = held_file.hold(file, plan=plan, by=person(request))
    context = {"token": token, "file_name": file.name, **shown_preview(preview_of(plan))}
    return _page(request, model_admin, FORM, sheets=sheets, context=context)


def sheet_page(request: HttpRequest, model_admin: Any, *, confirms: bool) -> HttpResponse:
    """Serve a sheet import at the library's URLs; the confirmation URL accepts only POST."""
    if not model_admin.has_import_permission(request):
        raise PermissionDenied
    if confirms and request.method != "POST":
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_import_table"))
    return import_page(request, model_admin, sheets=True)


def job_page(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Show the progress of a large import and what it would change; take the confirmation."""
    job = _own_job(request, model_admin, pk)
    if request.method == "POST":
        return _answered(request, job)
    preview = Preview.from_json(job.preview) if job.preview else Preview()
    context = {
        "job": job,
        "tone": tone_of(ImportState(job.state)),
        "asks": job.state == ImportState.PLANNED,
        "may_try_again": job.state == ImportState.FAILED,
        "is_applied": job.state == ImportState.APPLIED,
        "file_name": job.name,
        **(shown_preview(preview) if not job.is_at_work else {}),
    }
    sheets = job.kind != ImportKind.REGISTRY
    return _page(request, model_admin, JOB, sheets=sheets, context=context)


def progress_of(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Return the progress of a large import as JSON, for the progress bar of its page."""
    job = _own_job(request, model_admin, pk)
    progress = {
        "current": "",
        "waits_long": job.waits_long,
        "state": job.get_state_display(),
        "tone": tone_of(ImportState(job.state)),
    }
    return JsonResponse({**job.as_json(), **progress})


def address(job: ImportJob) -> str:
    return reverse("admin:registry_app_experiment_import_job", args=[job.pk])


def _own_job(request: HttpRequest, model_admin: Any, pk: int) -> ImportJob:
    """Return an import of this user; those of other users are not found."""
    if not model_admin.has_import_permission(request):
        raise PermissionDenied
    return get_object_or_404(ImportJob, pk=pk, requested_by=person(request))


def _answered(request: HttpRequest, job: ImportJob) -> HttpResponse:
    answers = {
        "apply": import_job.confirm,
        "again": import_job.try_again,
        "discard": import_job.discard,
    }
    chosen = next((name for name in answers if name in request.POST), "")
    if not chosen or not answers[chosen](job):
        messages.error(request, _("Nothing was done: this import was answered already."))
    elif chosen == "discard":
        messages.info(request, _("The import was discarded; nothing was changed."))
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_changelist"))
    return HttpResponseRedirect(address(job))


def _uploaded(request: HttpRequest, *, sheets: bool) -> ImportFile:
    """Return the uploaded file; raises RegistryFileError, before reading it, if it is invalid."""
    upload = request.FILES.get(FILE) or request.FILES.get("file")
    kind = ImportKind.REGISTRY
    if sheets:
        wanted = request.POST.get("kind", "")
        if wanted not in SHEETS:
            raise _refused(texts.CHOOSE_KIND())
        kind = ImportKind(wanted)
    # Uploads above the size limit are refused earlier, see the settings.
    sent_bytes = int(request.META.get("CONTENT_LENGTH") or 0)
    if (upload.size or 0 if upload else sent_bytes) > max_bytes(kind):
        raise _refused(texts.FILE_TOO_LARGE(limit=max_bytes(kind) // 2**20))
    if upload is None:
        raise _refused(texts.CHOOSE_FILE())
    return ImportFile(kind=kind, name=upload.name or str(kind), data=upload.read())


def _refused(message: Message) -> RegistryFileError:
    return RegistryFileError([Problem(message=message)])


def _confirmed(request: HttpRequest) -> HttpResponse:
    held = held_file.find(request.POST["confirm"], by=person(request))
    plan = plan_import(held.file, by=person(request))
    made = apply_planned(held.file, plan, held.shown, by=person(request))
    held.remove()
    if made is None:
        messages.info(request, _("The registry says all of this already."))
        return HttpResponseRedirect(reverse("admin:registry_app_experiment_changelist"))
    messages.success(request, _import_result(plan, held.file.kind))
    return HttpResponseRedirect(_change_set(made))


def _import_result(plan: Plan, kind: ImportKind) -> str:
    counts = plan.counts
    written = counts[PlanAction.CREATE] + counts[PlanAction.UPDATE]
    if kind in {ImportKind.CUSTOMERS, ImportKind.SITES, ImportKind.ZONES}:
        text = ngettext("%(n)d place was imported.", "%(n)d places were imported.", written)
    else:
        text = ngettext(
            "%(n)d experiment was imported.", "%(n)d experiments were imported.", written
        )
    return text % {"n": written}


def _change_set(made: ChangeSet) -> str:
    return reverse("admin:registry_app_changeset_change", args=[made.pk])


def _form(
    request: HttpRequest, model_admin: Any, *, sheets: bool, problems: Any = ()
) -> HttpResponse:
    jobs = ImportJob.objects.filter(requested_by=person(request)).exclude(state=ImportState.APPLIED)
    context = {
        "kinds": [(kind.value, kind.label) for kind in SHEETS] if sheets else [],
        "chosen": request.POST.get("kind", ""),
        "jobs": [(address(job), job, tone_of(ImportState(job.state))) for job in jobs],
        **(shown_preview(preview_of_problems(problems)) if problems else {}),
    }
    # A form that shows its errors, like all forms of the admin; programs send registry files.
    status = 422 if problems and not sheets else 200
    return _page(request, model_admin, FORM, sheets=sheets, context=context, status=status)


def _page(
    request: HttpRequest,
    model_admin: Any,
    template: str,
    *,
    sheets: bool,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    kind = ImportKind.EXPERIMENTS if sheets else ImportKind.REGISTRY
    form = "import_table" if sheets else "import_yaml"
    own = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Import spreadsheet") if sheets else _("Import YAML"),
        "sheets": sheets,
        "form_address": reverse(f"admin:registry_app_experiment_{form}"),
        "confirm_address": reverse("admin:registry_app_experiment_process_import")
        if sheets
        else "",
        "file_field": FILE,
        "limit_mib": max_bytes(kind) // 2**20,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, template, own | context, status=status)

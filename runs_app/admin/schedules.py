"""The list and the form of schedules, with their next times and what became of the last ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from registry_app.admin.fields import LinesField
from registry_app.admin.guarded import GuardedAdmin
from registry_app.fields.confirmation import unconfirmed
from registry_app.reading import error_text, message_text
from runs_app.choices import ScheduleKind, TimeState
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.lifecycle.prepare import outline
from runs_app.models import Schedule, ScheduleTime
from runs_app.preflight import confirmation
from runs_app.preflight.script_choices import entry_point
from runs_app.schedules import times
from runs_app.schedules.fire import reschedule
from runs_app.schedules.starting import FOLDERS, PERMISSIONS, request_of
from runs_app.sentences import short_time
from runs_app.sets import confirmed
from runs_app.sets.definitions import read
from runs_app.sets.from_file import refusal_for
from runs_app.sets.places import source_file
from runs_app.sets.plan import plan
from runs_app.texts import schedules as texts

NEXT_SHOWN = 5
MAX_LINE = 200
TIMES_SHOWN = 20
_TONES = {
    TimeState.STARTING: "busy",
    TimeState.STARTED: "good",
    TimeState.SKIPPED: "bad",
    TimeState.MISSED: "bad",
    TimeState.FAILED: "bad",
}


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """One form for all kinds; it is checked as if it were started now, by the user who saves it."""

    values = LinesField(label=_("Values"), help_text=_("NAME=value, one a line; of a run."))
    # Set by the page.
    user: Any = None
    # Why it would be skipped now, although it may be saved; '' if it would not.
    unread = ""

    class Meta:
        model = Schedule
        fields = (
            "name",
            "kind",
            "cron",
            "is_enabled",
            "experiment",
            "type",
            "script",
            "version",
            "values",
            "file",
            "leave_out",
        )

    def clean_cron(self) -> str:
        try:
            return times.checked(self.cleaned_data["cron"])
        except RefusedError as error:
            raise ValidationError(error_text(error)) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if not kind or self.errors:
            return data
        if not self.user.has_perm(PERMISSIONS[ScheduleKind(kind)]):
            no_right = texts.NO_RIGHT(user=self.user.get_username())
            self.add_error("kind", message_text(no_right))
            return data
        needs: tuple[str, ...] = ("experiment", "type") if kind == ScheduleKind.RUN else ()
        needs = ("file",) if kind in FOLDERS else needs
        for name in needs:
            if not data.get(name):
                self.add_error(name, message_text(texts.NEEDS()))
        if needs and not self.errors:
            self._check_start(ScheduleKind(kind), data)
        return data

    def _check_start(self, kind: ScheduleKind, data: dict[str, Any]) -> None:
        """Refuse what could not be started now; nothing is started for that."""
        try:
            if kind in FOLDERS:
                self._check_file(FOLDERS[kind], data)
                return
            given = {name: data[name] for name in ("experiment", "type", "script", "version")}
            ready = outline(request_of(Schedule(values=data["values"], **given)))
            if ready.secrets:
                raise RefusedError(texts.NO_SECRETS())
            entry = entry_point(data["experiment"], data["type"])
            if entry is not None and (waiting := unconfirmed(entry)) is not None:
                self.unread = confirmation.summary(waiting)
        except RunnerError as error:
            self.add_error("file" if kind in FOLDERS else None, error_text(error))

    def _check_file(self, folder: str, data: dict[str, Any]) -> None:
        definition = read(source_file(folder, data["file"]), folder)
        members = plan(definition.wanted(), is_chain=definition.is_chain, look=outline)
        if (error := refusal_for(definition, members, leave_out=data["leave_out"])) is not None:
            raise error
        if (waiting := confirmed.unread(definition)) is not None:
            self.unread = confirmed.summary(waiting)


@admin.register(Schedule)
class ScheduleAdmin(GuardedAdmin):
    """A schedule belongs to the user who saved it last, and has the rights of that user."""

    form = ScheduleForm
    list_display = ("name", "kind", "cron", "is_enabled", "owner", "next_at", "last_time")
    list_display_links = ("name",)
    list_filter = ("kind", "is_enabled")
    search_fields = ("name", "file", "experiment__name")
    autocomplete_fields = ("experiment",)
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("owner", "next_times", "last_times")
    fieldsets = (
        (None, {"fields": ("name", "kind", "cron", "is_enabled", "owner", "next_times")}),
        (_("Run"), {"fields": ("experiment", "type", "script", "version", "values")}),
        (_("Scenario or pipeline"), {"fields": ("file", "leave_out")}),
        (_("Last times"), {"fields": ("last_times",)}),
    )

    class Media:
        css = {"all": ["runs_app/runs.css"]}  # noqa: RUF012
        js = ("runs_app/schedule.js",)

    @admin.display(description=_("last time"))
    def last_time(self, row: Any) -> SafeString | str:
        if not row.last_state:
            return "–"
        return format_html("{} {}", short_time(row.last_at), _badge(row.last_state))

    @admin.display(description=_("next times"))
    def next_times(self, row: Schedule) -> SafeString:
        if row._state.adding:
            shown: SafeString | str = gettext("Shown once there is a cron line.")
        elif not row.is_enabled:
            shown = gettext("None: it is not enabled.")
        else:
            shown = next_times_of(row.cron)
        address = reverse("admin:runs_app_schedule_times")
        return format_html('<span data-next-times="{}">{}</span>', address, shown)

    @admin.display(description=_("last times"))
    def last_times(self, row: Schedule) -> SafeString | str:
        if row._state.adding:
            return "–"
        rows = row.times.select_related("run", "run_set")[:TIMES_SHOWN]
        return format_html_join("", "<p>{} {} {} {}</p>", map(_shown, rows)) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        rows: QuerySet[Schedule] = super().get_queryset(request)
        last = ScheduleTime.objects.filter(schedule=OuterRef("pk"))
        return rows.select_related("owner", "experiment").annotate(
            last_at=Subquery(last.values("at")[:1]), last_state=Subquery(last.values("state")[:1])
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.times_view))
        return [path("times/", view, name="runs_app_schedule_times"), *super().get_urls()]

    def times_view(self, request: HttpRequest) -> HttpResponse:
        """Return the next times of a cron line that is being typed; changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            line = times.checked(request.GET.get("cron", "")[:MAX_LINE])
        except RefusedError as error:
            return HttpResponse(
                format_html('<span class="gfr-refusal">{}</span>', error_text(error))
            )
        return HttpResponse(conditional_escape(next_times_of(line)))

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        return type("ScheduleForm", (form,), {"user": request.user})

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """Store the schedule; who saves it owns it."""
        obj.owner, obj.next_at = request.user, None  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        following = reschedule(obj, timezone.now())
        if form.unread:
            messages.warning(request, message_text(texts.WILL_BE_SKIPPED(why=form.unread)))
        if obj.is_enabled and following is not None:
            when = short_time(following)
            messages.info(request, gettext("Next time: %(when)s") % {"when": when})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.view_run")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return any(map(request.user.has_perm, set(PERMISSIONS.values())))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a user may do by hand what the schedule does."""
        if obj is None:
            return self.has_add_permission(request)
        return request.user.has_perm(PERMISSIONS[ScheduleKind(obj.kind)])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def next_times_of(cron: str) -> str:
    """Return the next times of a cron line, as a reader sees them."""
    found = times.next_times(cron, timezone.now(), count=NEXT_SHOWN)
    return ", ".join(short_time(time) for time in found)


def _badge(state: str) -> SafeString:
    return format_html(
        '<span class="gfr-badge gfr-{}">{}</span>', _TONES[TimeState(state)], TimeState(state).label
    )


def _shown(row: ScheduleTime) -> tuple[str, SafeString, SafeString | str, str]:
    what = row.run or row.run_set
    link: SafeString | str = ""
    if what is not None:
        name = f"#{what.pk}" if row.run else str(what)
        link = format_html('<a class="gfr-link" href="{}">{}</a>', what.get_absolute_url(), name)
    return short_time(row.at), _badge(row.state), link, message_text(row.note) if row.note else ""

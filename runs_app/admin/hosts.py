"""Machines that run scripts: which are alive, what they have, and which are draining."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry_app.admin.guarded import GuardedAdmin, GuardedList
from runs_app.choices import ON_HOST
from runs_app.executors.isolation import is_unfenced, isolation_text
from runs_app.models import GpuLease, HostHeartbeat, Run
from runs_app.queue import hosts
from runs_app.sentences import actor_text


class HostList(GuardedList):
    """The list of machines, with the leases of all of them in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        attach_leases(self.result_list)


def attach_leases(machines: Iterable[Any]) -> None:
    """Set `held` on each machine: the run that holds a GPU, by the GPU's UUID."""
    held: dict[str, dict[str, int]] = defaultdict(dict)
    names = [machine.host for machine in machines]
    for lease in GpuLease.objects.filter(host__in=names, released_at__isnull=True):
        held[lease.host][lease.device] = lease.run_id
    for machine in machines:
        machine.held = held[machine.host]


@admin.register(HostHeartbeat)
class HostHeartbeatAdmin(GuardedAdmin):
    """Read only: the worker writes these rows. Users can only drain a machine."""

    list_display = (
        *("host", "state", "busy_slots", "gpu_list"),
        *("isolated_by", "tick_at", "started_at"),
    )
    fields = list_display
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("host",)
    actions = ("drain_hosts", "undrain_hosts")

    class Media:
        css: ClassVar = {"all": ["runs_app/runs.css"]}

    @admin.display(description=gettext_lazy("worker"))
    def state(self, host: HostHeartbeat) -> SafeString:
        tone, word = ("good", _("alive")) if host.is_alive() else ("bad", _("no heartbeat"))
        badge = format_html('<span class="gfr-badge gfr-{}">{}</span>', tone, word)
        if not host.is_drained:
            return badge
        return format_html(
            '<span class="gfr-cell"><span>{} <span class="gfr-badge gfr-warn">{}</span></span>'
            '<span class="gfr-faint">{}</span></span>',
            badge,
            _("takes no new runs"),
            _("drained by {user}").format(user=actor_text(host.drained_by)),
        )

    @admin.display(description="GPU")
    def gpu_list(self, host: Any) -> SafeString:
        if host.gpu_error:
            text = _("The driver does not respond: {reason}").format(reason=host.gpu_error)
            return format_html('<span class="gfr-reason">{}</span>', text)
        if not host.gpus:
            return format_html('<span class="gfr-faint">{}</span>', _("none; runs use the CPU"))
        lines = format_html_join(
            "",
            '<span>{}<br><span class="gfr-faint">{}{}</span></span>',
            map(_gpu_of(host), host.gpus),
        )
        return format_html('<span class="gfr-cell">{}</span>', lines)

    @admin.display(description=gettext_lazy("slots in use"))
    def busy_slots(self, host: Any) -> str:
        return f"{host.busy} / {host.slots}"

    @admin.display(description=gettext_lazy("isolation of scripts"))
    def isolated_by(self, host: HostHeartbeat) -> SafeString:
        tone = "gfr-refusal" if is_unfenced(host.isolation) else ""
        return format_html(
            '<span class="{}">{}</span>', tone, isolation_text(host.isolation) or "–"
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[HostHeartbeat]:
        busy = (
            Run.objects.filter(host=OuterRef("host"), status__in=ON_HOST)
            .order_by()
            .values("host")
            .annotate(count=Count("pk"))
            .values("count")
        )
        hosts: QuerySet[HostHeartbeat] = super().get_queryset(request)
        return hosts.annotate(busy=Coalesce(Subquery(busy), 0))

    @admin.action(
        description=gettext_lazy("Drain: finish what runs, take no new runs"),
        permissions=["drain_host"],
    )
    def drain_hosts(self, request: HttpRequest, chosen: QuerySet[HostHeartbeat]) -> None:
        by = str(request.user)
        count = sum(hosts.drain(name, by=by) for name in chosen.values_list("host", flat=True))
        text = ngettext(
            "{count} machine takes no more runs.", "{count} machines take no more runs.", count
        )
        messages.success(request, text.format(count=count))

    @admin.action(description=gettext_lazy("Take runs again"), permissions=["drain_host"])
    def undrain_hosts(self, request: HttpRequest, chosen: QuerySet[HostHeartbeat]) -> None:
        by = str(request.user)
        count = sum(hosts.undrain(name, by=by) for name in chosen.values_list("host", flat=True))
        text = ngettext(
            "{count} machine takes runs again.", "{count} machines take runs again.", count
        )
        messages.success(request, text.format(count=count))

    def has_drain_host_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("runs_app.drain_host")

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return HostList

    def get_object(self, request: HttpRequest, *args: Any) -> HostHeartbeat | None:
        found: HostHeartbeat | None = super().get_object(request, *args)
        if found is not None:
            attach_leases([found])
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: HostHeartbeat | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: HostHeartbeat | None = None) -> bool:
        return False


def _gpu_of(host: Any) -> Callable[[dict[str, Any]], tuple[str, str, SafeString]]:
    """Return a function that renders one GPU: its name, its memory, and the run that holds it."""

    def write(gpu: dict[str, Any]) -> tuple[str, str, SafeString]:
        run = host.held.get(gpu["uuid"])
        memory = _("{free:.1f} of {total:.1f} GiB free").format(
            free=gpu["free_mib"] / 1024, total=gpu["total_mib"] / 1024
        )
        link = format_html(
            ' · <a class="gfr-link" href="{}">#{}</a>', Run(pk=run).get_absolute_url(), run
        )
        return f"{gpu['index']} {gpu['name']}", memory, link if run else format_html("{}", "")

    return write
